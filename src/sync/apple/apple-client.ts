import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import type { z } from "zod";
import { AppleUserStatus } from "../../entities/apple-user.js";
import type { Clock } from "../core.js";
import type { AnsweredLocation } from "./answered-location.js";
import type { AppMetadata, StorePlace } from "./app-metadata.js";
import { AppleError } from "./apple-error.js";
import { type AppleCallTools, type AppleQuery, callApple } from "./call-apple.js";
import { DEFAULT_TIMEOUTS, type ProxySettings, type Timeouts } from "./dispatcher.js";
import type { Endpoint } from "./endpoints.js";
import { invitationUrl } from "./invitation-url.js";
import { lookUpMetadata } from "./look-up-metadata.js";
import { createTransport } from "./request.js";
import { createRequestBudget } from "./request-budget.js";
import { createServiceConfigSource } from "./service-config.js";
import {
  type AssetRow,
  type AssignmentRow,
  assetsAnswer,
  assignmentsAnswer,
  type ClientConfig,
  clientConfigAnswer,
  type EventStatus,
  eventAnswer,
  type MdmInfo,
  type ServiceConfig,
  statusAnswer,
  type UserRow,
  usersAnswer,
} from "./wire.js";

export type { AnsweredLocation } from "./answered-location.js";
export type { AppMetadata, StorePlace } from "./app-metadata.js";
export type {
  AssetRow,
  AssignmentRow,
  ClientConfig,
  EventFailure,
  EventStatus,
  MdmInfo,
  ServiceConfig,
  ServiceLimits,
} from "./wire.js";

/** With what Apple is asked. */
export interface AppleAccess {
  /** Whose budget of requests it is. */
  readonly tokenId: string;
  /** The outer base64 text of the token file, verbatim. A secret: `appleAccess` makes it not enumerable. */
  readonly text: string;
}

/** One page of a list. Pages may shift between two requests, and `totalPages` may change. */
export interface Page {
  readonly pageIndex: number;
  /** Null on the last page. */
  readonly nextPageIndex: number | null;
  readonly totalPages: number;
  /** Of the whole list as Apple has it now; page 0's is the one to keep. */
  readonly versionId: string;
  /** When the request was begun: what the page tells is not older (rule 3). */
  readonly requestedAt: Date;
  /** Rows of a kind this release does not know, left out. */
  readonly skipped: number;
}

export interface AssetsPage extends Page {
  readonly assets: readonly AssetRow[];
}

export interface AssignmentsPage extends Page {
  readonly assignments: readonly AssignmentRow[];
}

/** A registration at Apple; `invitationUrl` only while the person has not accepted. */
export interface AppleUserRow extends UserRow {
  readonly invitationUrl: string | null;
}

export interface UsersPage extends Page {
  readonly users: readonly AppleUserRow[];
}

/** Apps times holders: every app to, or from, every holder. */
export interface AssetOrder {
  readonly assets: readonly { readonly adamId: string; readonly pricingParam: string }[];
  readonly clientUserIds: readonly string[];
  readonly serialNumbers: readonly string[];
}

export interface NewAppleUser {
  readonly clientUserId: string;
  readonly email?: string;
  readonly managedAppleId?: string;
}

/** Where and of what Apple is to notify us; `notificationAuthToken` is a secret that Apple sends with each call. */
export interface Subscription {
  readonly mdmInfo: MdmInfo;
  /** https, host and path only. */
  readonly notificationUrl: string;
  readonly notificationAuthToken: string;
  /** All that are wanted: they replace the former ones. */
  readonly notificationTypes: readonly string[];
}

/**
 * Apple's Apps and Books service, v2. Every method throws AppleError and nothing else for what goes wrong outside. Reads
 * are retried here (five attempts); writes never are: their `maybeDone` says whether they may have taken effect.
 */
export interface AppleClient {
  serviceConfig(signal?: AbortSignal): Promise<ServiceConfig>;
  clientConfig(access: AppleAccess, signal?: AbortSignal): Promise<ClientConfig>;
  /** Writes our name over the location; Apple answers with the new state of things. */
  claim(access: AppleAccess, mdmInfo: MdmInfo, signal?: AbortSignal): Promise<ClientConfig>;
  /** Claims, and has Apple call `notificationUrl`: Apple tries it first, and refuses all of it when it does not answer. */
  subscribe(access: AppleAccess, subscription: Subscription, signal?: AbortSignal): Promise<ClientConfig>;
  assets(
    access: AppleAccess,
    query: { pageIndex?: number; adamId?: string; pricingParam?: string },
    signal?: AbortSignal,
  ): Promise<AssetsPage>;
  assignments(
    access: AppleAccess,
    query: {
      pageIndex?: number;
      adamId?: string;
      pricingParam?: string;
      serialNumber?: string;
      clientUserId?: string;
      sinceVersionId?: string;
    },
    signal?: AbortSignal,
  ): Promise<AssignmentsPage>;
  users(
    access: AppleAccess,
    query: { pageIndex?: number; clientUserId?: string; activeOnly?: boolean; sinceVersionId?: string },
    signal?: AbortSignal,
  ): Promise<UsersPage>;
  associate(access: AppleAccess, order: AssetOrder, signal?: AbortSignal): Promise<{ eventId: string }>;
  disassociate(access: AppleAccess, order: AssetOrder, signal?: AbortSignal): Promise<{ eventId: string }>;
  createUsers(access: AppleAccess, users: readonly NewAppleUser[], signal?: AbortSignal): Promise<{ eventId: string }>;
  retireUsers(
    access: AppleAccess,
    clientUserIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ eventId: string }>;
  status(access: AppleAccess, eventId: string, signal?: AbortSignal): Promise<EventStatus>;
  /** What the store knows of these products; those it does not know are missing. At most 100 ids a call. */
  metadata(
    access: AppleAccess,
    adamIds: readonly string[],
    place: StorePlace,
    signal?: AbortSignal,
  ): Promise<Map<string, AppMetadata>>;
  close(): Promise<void>;
}

export type OnAnswer = (access: AppleAccess, seen: AnsweredLocation) => Promise<void>;

export interface AppleClientOptions {
  /** The v2 root, e.g. `https://vpp.itunes.apple.com/mdm/v2`. */
  readonly baseUrl: string;
  /** For the budget of requests that all replicas share. */
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeouts?: Timeouts;
  /** From the environment; without it Apple is reached straight, whatever the environment says. */
  readonly proxy?: ProxySettings | null;
  /**
   * Told of every authenticated answer that was accepted, before it is handed on; it is waited for and must not ask Apple.
   * What it throws ends a read, which can be asked again. A write's answer can not: it is handed on, and the error is logged.
   */
  readonly onAnswer?: OnAnswer;
}

export function createAppleClient({ dataSource, clock, log, onAnswer, ...options }: AppleClientOptions): AppleClient {
  const baseUrl = options.baseUrl.endsWith("/") ? options.baseUrl : `${options.baseUrl}/`;
  const transport = createTransport(options.timeouts ?? DEFAULT_TIMEOUTS, options.proxy ?? null);
  const serviceConfig = createServiceConfigSource({ baseUrl, transport, clock, log });
  const budget = createRequestBudget(dataSource, clock);
  const tools = { baseUrl, clock, log, transport, serviceConfig, budget, onAnswer };

  return {
    serviceConfig: (signal) => serviceConfig.current(signal),
    ...readsOf(tools),
    ...writesOf(tools),
    metadata: (access, adamIds, place, signal) => lookUpMetadata(tools, access, adamIds, place, signal),
    close() {
      serviceConfig.close();
      return transport.close();
    },
  };
}

type Reads = Pick<AppleClient, "clientConfig" | "assets" | "assignments" | "users" | "status">;

function readsOf(tools: AppleCallTools): Reads {
  const read = <Shape extends z.ZodType>(
    access: AppleAccess,
    endpoint: Endpoint,
    shape: Shape,
    { query = {}, signal }: { query?: AppleQuery; signal: AbortSignal | undefined },
  ) => callApple(tools, access, { method: "GET", endpoint, query, signal }, shape);

  return {
    clientConfig: async (access, signal) => (await read(access, "clientConfig", clientConfigAnswer, { signal })).data,
    async assets(access, query, signal) {
      const { data, requestedAt } = await read(access, "getAssets", assetsAnswer, { query, signal });
      return { ...envelope("assets", data, query.pageIndex, requestedAt), assets: data.rows };
    },
    async assignments(access, query, signal) {
      const { data, requestedAt } = await read(access, "getAssignments", assignmentsAnswer, { query, signal });
      return { ...envelope("assignments", data, query.pageIndex, requestedAt), assignments: data.rows };
    },
    async users(access, query, signal) {
      const { data, requestedAt } = await read(access, "getUsers", usersAnswer, { query, signal });
      const { urls } = await tools.serviceConfig.current(signal);
      const users = data.rows.map((row) => withInvitation(row, urls.invitationEmail));
      return { ...envelope("users", data, query.pageIndex, requestedAt), users };
    },
    status: async (access, eventId, signal) =>
      (await read(access, "eventStatus", statusAnswer, { query: { eventId }, signal })).data,
  };
}

type Writes = Pick<AppleClient, "claim" | "subscribe" | "associate" | "disassociate" | "createUsers" | "retireUsers">;

function writesOf(tools: AppleCallTools): Writes {
  const write = async <Shape extends z.ZodType>(
    access: AppleAccess,
    endpoint: Endpoint,
    shape: Shape,
    { body, signal }: { body: unknown; signal: AbortSignal | undefined },
  ) => (await callApple(tools, access, { method: "POST", endpoint, body, signal }, shape)).data;

  return {
    claim: (access, mdmInfo, signal) =>
      write(access, "clientConfig", clientConfigAnswer, { body: { mdmInfo }, signal }),
    subscribe: (access, subscription, signal) =>
      write(access, "clientConfig", clientConfigAnswer, { body: subscription, signal }),
    associate: (access, order, signal) =>
      write(access, "associateAssets", eventAnswer, { body: orderBody(order), signal }),
    disassociate: (access, order, signal) =>
      write(access, "disassociateAssets", eventAnswer, { body: orderBody(order), signal }),
    createUsers: (access, users, signal) => write(access, "createUsers", eventAnswer, { body: { users }, signal }),
    retireUsers: (access, clientUserIds, signal) => {
      const users = clientUserIds.map((clientUserId) => ({ clientUserId }));
      return write(access, "retireUsers", eventAnswer, { body: { users }, signal });
    },
  };
}

/** A list without members is left out: Apple documents both lists as optional. */
function orderBody({ assets, clientUserIds, serialNumbers }: AssetOrder): object {
  return {
    assets,
    ...(clientUserIds.length === 0 ? {} : { clientUserIds }),
    ...(serialNumbers.length === 0 ? {} : { serialNumbers }),
  };
}

/** @throws AppleError for a page that leads back: whoever follows it would go round and round. */
function envelope(
  list: string,
  data: { nextPageIndex?: number | null | undefined; totalPages: number; versionId: string; skipped: number },
  pageIndex: number | undefined,
  requestedAt: Date,
): Page {
  const asked = pageIndex ?? 0;
  const nextPageIndex = data.nextPageIndex ?? null;
  if (nextPageIndex !== null && nextPageIndex <= asked) {
    const fault = `nextPageIndex: ${nextPageIndex} does not come after page ${asked}`;
    throw new AppleError(`Apple's answer about ${list} cannot be used: ${fault}.`, { kind: "permanent" });
  }
  return {
    pageIndex: asked,
    nextPageIndex,
    totalPages: data.totalPages,
    versionId: data.versionId,
    requestedAt,
    skipped: data.skipped,
  };
}

function withInvitation(row: UserRow, template: string | undefined): AppleUserRow {
  const waits = row.status === AppleUserStatus.REGISTERED;
  return { ...row, invitationUrl: waits ? invitationUrl(template, row.inviteCode) : null };
}
