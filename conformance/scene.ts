import assert from "node:assert/strict";
import { type Plugin, PluginError, problemOfConnection, type TargetConnection } from "../src/plugins/contract.js";
import type { EnrolledDevice, FakeProduct, StartFakeProduct } from "./fake-product.js";
import type { Limits } from "./limits.js";
import { type Relay, startRelay } from "./relay.js";
import { assertShape, callNamed, type ShapeName } from "./shapes.js";
import { createTools } from "./tools.js";
import { openWebhookInbox, type WebhookInbox } from "./webhook-inbox.js";

/** The app of every check. */
export const APP = {
  adamId: "1001234567",
  bundleId: "example.allotment.conformance",
  name: `Conformance – ${"a rather long name, ".repeat(8)}“quoted” & 100 %`,
  licenses: 500,
} as const;

const PAGE_SIZE = 3;

/** What became of a call. */
export type Ending<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: PluginError };

export type Settings = Record<string, unknown>;

/** One fresh product, the kit's server in front of it, and the plugin. */
export interface Scene {
  readonly plugin: Plugin;
  readonly product: FakeProduct;
  /** @throws where the product is a part of the plugin: nothing can go wrong between them. */
  readonly relay: Relay;
  readonly inbox: WebhookInbox;
  readonly limits: Limits;
  /** Everything that the plugin has said to anybody: answers, errors with their causes, its log. */
  said(): string;
  /** As the author gives them. */
  settings(): Settings;
  /** A connection as the service makes it. It is closed at the end. @throws PluginError as its plugin does. */
  connect(settings?: Settings): Promise<TargetConnection>;
  /** Closes it, once. */
  close(connection: TargetConnection): Promise<void>;
  enroll(device?: { hasUser?: boolean; refuses?: boolean }): Promise<EnrolledDevice>;
  /** Makes a call that must succeed and be as the contract says. */
  call<T>(name: ShapeName, run: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Makes a call that may fail, by a PluginError and in time. */
  attempt<T>(name: string, run: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<Ending<T>>;
}

export interface SceneOptions {
  readonly plugin: Plugin;
  readonly product: StartFakeProduct;
  readonly limits: Limits;
}

/** Sets a scene, plays in it, and clears all of it away, whatever happens; what went wrong first is what counts. */
export async function inScene(options: SceneOptions, play: (scene: Scene) => Promise<void>): Promise<void> {
  const closers: (() => Promise<unknown>)[] = [];
  const errors: unknown[] = [];
  const note = (error: unknown) => errors.push(error);
  await setScene(options, closers).then(play).catch(note);
  for (const close of closers.reverse()) await close().catch(note);
  if (errors.length > 0) throw errors[0];
}

async function setScene(options: SceneOptions, closers: (() => Promise<unknown>)[]): Promise<Scene> {
  const { plugin, limits } = options;
  const inbox = await openWebhookInbox();
  closers.push(inbox.close);
  const product = await options.product({ webhookUrl: inbox.url, pageSize: PAGE_SIZE, app: APP });
  closers.push(() => product.stop());
  const { address, tls } = product;
  assert.equal(
    address !== null,
    plugin.abilities.network,
    "abilities.network and the fake product's address disagree.",
  );
  const relay = address === null ? null : await startRelay({ address, ...(tls ? { tls } : {}) });
  if (relay) closers.push(relay.die);
  const said: (() => string)[] = [];
  const settings = () => product.settings(relay?.address ?? "");
  const attempt: Scene["attempt"] = async (name, run, signal) => {
    const ending = await endingOf(name, run, limits, signal);
    said.push(() => (ending.ok ? textOf(ending.value) : errorText(ending.error)));
    return ending;
  };
  const open = new Set<TargetConnection>();
  const close: Scene["close"] = async (connection) => {
    if (!open.delete(connection)) return;
    const ending = await endingOf("close", async () => connection.close?.(), limits);
    if (!ending.ok) assert.fail(`\`close\` failed: ${ending.error.kind}: ${ending.error.message}`);
  };
  return {
    plugin,
    product,
    inbox,
    limits,
    get relay() {
      if (relay) return relay;
      throw new Error("A product that is a part of its plugin has no network in between.");
    },
    said: () => said.map((tell) => tell()).join("\n"),
    settings,
    async connect(given = settings()) {
      const tools = createTools(relay?.address ?? null);
      closers.push(tools.close);
      said.push(() => tools.logged.join("\n"));
      const parsed = plugin.settings.strict().parse(given);
      const ending = await endingOf("connect", async () => plugin.connect(parsed, tools), limits);
      if (!ending.ok) {
        said.push(() => errorText(ending.error));
        throw ending.error;
      }
      const connection = ending.value;
      open.add(connection);
      closers.push(() => close(connection));
      const problem = problemOfConnection(plugin, connection);
      if (problem !== null) assert.fail(problem);
      return connection;
    },
    close,
    enroll: ({ hasUser = false, refuses = false } = {}) => product.enroll({ hasUser, refuses }),
    attempt,
    async call(name, run) {
      const title = callNamed(name);
      const ending = await attempt(title, run);
      if (!ending.ok)
        assert.fail(`\`${title}\` failed where nothing is wrong: ${ending.error.kind}: ${ending.error.message}`);
      assertShape(name, ending.value);
      return ending.value;
    },
  };
}

/** Ends a call by its signal when it takes too long, and fails when it does not end even then, or throws anything else. */
async function endingOf<T>(
  name: string,
  run: (signal: AbortSignal) => Promise<T>,
  { callMs, graceMs }: Limits,
  signal: AbortSignal = AbortSignal.timeout(callMs),
): Promise<Ending<T>> {
  try {
    return { ok: true, value: await Promise.race([run(signal), tooLate(name, signal, graceMs)]) };
  } catch (error) {
    if (error instanceof PluginError) return { ok: false, error };
    if (error instanceof assert.AssertionError) throw error;
    throw new assert.AssertionError({
      message: `\`${name}\` threw something other than a PluginError: ${String(error)}`,
      ...(error instanceof Error ? { actual: error } : {}),
    });
  }
}

/** Rejects when a call should long have ended. */
function tooLate(name: string, signal: AbortSignal, graceMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    const begin = () => {
      const error = new assert.AssertionError({
        message: `\`${name}\` did not end within ${graceMs} ms of its signal.`,
      });
      setTimeout(reject, graceMs, error).unref();
    };
    if (signal.aborted) begin();
    else signal.addEventListener("abort", begin, { once: true });
  });
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/** An error as it may come to a log: with all that caused it. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof PluginError ? (error.options.vendorCode ?? "") : "";
  return [error.message, code, textOf({ ...error }), errorText(error.cause ?? "")].join("\n");
}
