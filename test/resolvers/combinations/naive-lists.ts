import type { DataSource } from "typeorm";
import { Alert } from "../../../src/entities/alert.js";
import { AlertRule } from "../../../src/entities/alert-rule.js";
import { ApiKey } from "../../../src/entities/api-key.js";
import { AppleOperation } from "../../../src/entities/apple-operation.js";
import { AppleUser } from "../../../src/entities/apple-user.js";
import { Application } from "../../../src/entities/application.js";
import { AuditEvent } from "../../../src/entities/audit-event.js";
import { Collection } from "../../../src/entities/collection.js";
import { Deployment } from "../../../src/entities/deployment.js";
import { Device } from "../../../src/entities/device.js";
import { encodeGlobalId } from "../../../src/entities/global-id.js";
import { Installation } from "../../../src/entities/installation.js";
import { License } from "../../../src/entities/license.js";
import type { Node } from "../../../src/entities/node.js";
import { Reservation } from "../../../src/entities/reservation.js";
import { StockChange } from "../../../src/entities/stock-change.js";
import { StoreApp, UNLIMITED } from "../../../src/entities/store-app.js";
import { SyncRun } from "../../../src/entities/sync-run.js";
import { Target } from "../../../src/entities/target.js";
import { Token } from "../../../src/entities/token.js";
import { User } from "../../../src/entities/user.js";

/** A row with its properties, whatever they are. */
export type Row = Node & Readonly<Record<string, unknown>>;

/** All rows there are, by the names of their types. */
export type World = ReadonlyMap<string, readonly Row[]>;

type Meets = (row: Row, value: never, world: World) => boolean;

/** A list as the schema's descriptions tell of it. What is not said here is as the property of the same name is. */
export interface NaiveList {
  readonly entity: new () => Node;
  readonly filters: Readonly<Record<string, Meets>>;
  readonly unless?: Readonly<Record<string, unknown>>;
  readonly orders?: Readonly<Record<string, (row: Row) => unknown>>;
  /** A property, if not the id alone; and which end comes first. */
  readonly defaultOrder: readonly [string | null, "ASC" | "DESC"];
}

const BY_ID = [null, "ASC"] as const;
const holds = (...columns: string[]): Meets => {
  return (row, text: string) =>
    columns.some((column) => `${row[column] ?? ""}`.toLowerCase().includes(text.toLowerCase()));
};
const isNull = (column: string): Meets => {
  return (row, wanted: boolean) => (row[column] === null) === wanted;
};
const isSet = (column: string): Meets => {
  return (row, wanted: boolean) => (row[column] !== null) === wanted;
};
const since = (column: string): Meets => {
  return (row, moment: string) => row[column] !== null && (row[column] as Date) >= new Date(moment);
};
const before = (column: string): Meets => {
  return (row, moment: string) => row[column] !== null && (row[column] as Date) < new Date(moment);
};
const list = (
  entity: new () => Node,
  defaultOrder: NaiveList["defaultOrder"],
  filters: NaiveList["filters"] = {},
  more: Partial<NaiveList> = {},
): NaiveList => ({ entity, defaultOrder, filters, ...more });

const isOfPerson: Meets = (row, user: string, world) =>
  (world.get("AppleUser") ?? []).some(
    ({ tokenId, id, userId }) =>
      tokenId === row.tokenId && id === row.appleUserId && encodeGlobalId("User", `${userId}`) === user,
  );
const hasWarning: Meets = (row, wanted: boolean, world) =>
  (world.get("Alert") ?? []).some(
    ({ kind, subject, clearedAt }) => kind === "COUNT_MISMATCH" && subject === row.globalId && clearedAt === null,
  ) === wanted;
const free = ({ unlimited, freeCount }: Row) => (unlimited ? UNLIMITED : freeCount);

export const NAIVE_LISTS: Readonly<Record<string, NaiveList>> = {
  alertRules: list(AlertRule, BY_ID),
  alerts: list(Alert, ["raisedAt", "DESC"], { open: isNull("clearedAt") }),
  apiKeys: list(ApiKey, ["createdAt", "DESC"], { revoked: isSet("revokedAt") }),
  appleOperations: list(AppleOperation, [null, "DESC"], {
    open: isNull("endedAt"),
    createdSince: since("createdAt"),
    createdBefore: before("createdAt"),
  }),
  appleUsers: list(AppleUser, BY_ID, { known: isSet("userId") }),
  applications: list(Application, BY_ID),
  auditEvents: list(AuditEvent, ["at", "DESC"], { since: since("at"), before: before("at") }),
  collections: list(Collection, BY_ID, { local: isNull("targetId"), nameContains: holds("name") }),
  deployments: list(Deployment, BY_ID, { deleted: isSet("deletedAt") }, { unless: { deleted: false } }),
  devices: list(Device, BY_ID, { search: holds("serial", "name"), lastSeenBefore: before("lastSeenAt") }),
  installations: list(Installation, BY_ID, { left: isSet("leftAt") }),
  licenses: list(License, BY_ID, {
    ...{ open: isNull("endedAt"), startedSince: since("startedAt"), startedBefore: before("startedAt") },
    user: isOfPerson,
  }),
  reservations: list(Reservation, BY_ID, { alive: isNull("endedAt") }, { unless: { alive: true } }),
  stockChanges: list(StockChange, ["seenAt", "DESC"], { since: since("seenAt"), before: before("seenAt") }),
  storeApps: list(
    StoreApp,
    ["name", "ASC"],
    {
      ...{ nameContains: holds("name"), listed: isNull("unlistedAt"), hasWarning },
      freeBelow: (row, bound: number) => (free(row) as number) < bound,
      platform: (row, platform: string) => (row.platforms as string[]).includes(platform),
    },
    { unless: { productType: "APP" }, orders: { FREE_COUNT: free } },
  ),
  syncRuns: list(SyncRun, [null, "DESC"]),
  targets: list(Target, ["name", "ASC"], { nameContains: holds("name") }),
  tokens: list(Token, BY_ID, {
    healthState: (row, states: string[]) => states.includes((row.health as { state: string }).state),
    category: (row, category: string) => (row.categories as string[]).includes(category),
    ...{ nameContains: holds("name"), search: holds("name", "description", "categories") },
    expiresBefore: before("expiresAt"),
  }),
  users: list(User, BY_ID, { search: holds("principalName", "displayName", "email"), left: isSet("leftAt") }),
};

export async function readWorld(db: DataSource): Promise<World> {
  const world = new Map<string, readonly Row[]>();
  for (const { entity } of Object.values(NAIVE_LISTS)) {
    world.set(entity.name, (await db.manager.find(entity)) as Row[]);
  }
  return world;
}
