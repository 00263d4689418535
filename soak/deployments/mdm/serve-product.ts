import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { close } from "../../../simulators/http/close.js";
import { listen } from "../../../simulators/http/listen.js";
import { sendJson } from "../../../simulators/http/send-json.js";
import type { HolderKind, HolderRecords } from "../../../src/plugins/contract.js";
import type { Product } from "./product.js";
import type { ApplyAnswer, ApplyCall, ListAnswer, ListCall, PollAnswer, PollCall } from "./wire.js";

/** The domain of everybody's addresses and managed accounts. */
export const DOMAIN = "allotment.example";

/** A person's sign-in name, e-mail address and managed account, all in one. */
export function addressOf(user: string): string {
  return `${user}@${DOMAIN}`;
}

export interface ServedProduct {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves a product over HTTP, with the disturbances that are planned for it. */
export async function serveProduct(product: Product): Promise<ServedProduct> {
  const server = createServer((request, response) => {
    serve(product, request, response).catch(() => response.destroy());
  });
  const url = await listen(server, "127.0.0.1", 0);
  return { url, stop: () => close(server) };
}

async function serve(product: Product, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = (request.url ?? "/").slice(1);
  const body = await json(request);
  const disturbance = product.takeDisturbance(name);
  if (disturbance === "refuse") return sendJson(response, 503, {});
  if (disturbance === "cut") return void request.socket.destroy();
  const answer = answerTo(product, name, body);
  if (disturbance === "lose the answer") return void request.socket.destroy();
  sendJson(response, 200, answer);
}

function answerTo(product: Product, name: string, body: unknown): ApplyAnswer | PollAnswer | ListAnswer {
  if (name === "apply") return apply(product, body as ApplyCall);
  return name === "poll" ? poll(product, body as PollCall) : list(product, body as ListCall);
}

function apply(product: Product, { steps }: ApplyCall): ApplyAnswer {
  return { refused: steps.filter((step) => !product.take(step)).map(({ key }) => key) };
}

function poll(product: Product, { keys }: PollCall): PollAnswer {
  return {
    states: keys.flatMap((key) => {
      const order = product.find(key);
      const state = product.stateOf(key);
      return order && state ? { key, device: order.device, state } : [];
    }),
  };
}

function list(product: Product, { kind }: ListCall): ListAnswer {
  const { names, complete } = product.listed(kind);
  return { records: names.map((name) => recordOf(product, kind, name)), complete };
}

function recordOf(product: Product, kind: HolderKind, name: string): HolderRecords[HolderKind] {
  if (kind === "user") return userOf(product, name);
  return kind === "device" ? deviceOf(product, name) : collectionOf(product, name);
}

function userOf(product: Product, name: string): HolderRecords["user"] {
  const address = addressOf(name);
  const managedAppleId = product.users.get(name)?.hasAccount ? address : null;
  return { externalId: name, principalName: address, displayName: name, email: address, managedAppleId };
}

function deviceOf(product: Product, name: string): HolderRecords["device"] {
  const device = product.devices.get(name);
  if (!device) throw new Error(`There is no device ${name}`);
  const { serial, user, state } = device;
  const kind = { udid: null, platform: "iOS", lastSeenAt: null };
  return { externalId: name, serial, name, userExternalId: user, state, ...kind };
}

function collectionOf(product: Product, name: string): HolderRecords["collection"] {
  const group = product.groups.get(name);
  if (!group) throw new Error(`There is no group ${name}`);
  return { externalId: name, name, kind: group.kind, memberExternalIds: product.membersOf(group) };
}
