import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { close } from "../../../simulators/http/close.js";
import { listen } from "../../../simulators/http/listen.js";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { TokenHealthState } from "../../../src/entities/token.js";
import type { Core } from "../../../src/sync/core.js";
import { removeToken } from "../../../src/sync/deployments/remove-token.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { subscribeNotifications } from "../../../src/sync/tokens/subscribe-notifications.js";
import { notificationSecret } from "../../../src/sync/tokens/subscription.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { checkSubscriptions } from "../../../src/sync/watch/check-subscriptions.js";
import { postsTo } from "../../support/control-apple.js";
import { createNotificationWorld, type NotificationWorld } from "../licenses/notifications/notification-world.js";

const TYPES = ["ASSET_COUNT", "ASSET_MANAGEMENT", "USER_ASSOCIATED", "USER_MANAGEMENT"];

const UNVERIFIED = {
  state: TokenHealthState.UNVERIFIED,
  since: new Date(0),
  cause: null,
  evidence: null,
  remedy: null,
};

let world: NotificationWorld;
let core: Core;
let tokenId: string;
/** Where Apple calls; what it answers, and with which secrets it was called. */
let receiver: { status: number; readonly secrets: (string | undefined)[]; readonly stop: () => Promise<void> };

beforeEach(async () => {
  world = await createNotificationWorld();
  await world.control("/switches", { plainNotifications: true });
  const secrets: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    secrets.push(request.headers.authorization);
    response.writeHead(receiver.status).end();
  });
  const publicUrl = await listen(server, "127.0.0.1", 0);
  receiver = { status: 200, secrets, stop: () => close(server) };
  core = withPublicUrl(publicUrl);
  tokenId = (await world.token({ health: UNVERIFIED })).id;
  await verifyToken(core, { tokenId });
});
afterEach(async () => {
  await receiver.stop();
  await world.stop();
});

const withPublicUrl = (publicUrl: string | null): Core => ({
  ...world.core,
  policy: { ...world.core.policy, publicUrl },
});
const subscribe = (as = core) => subscribeNotifications(as, { tokenId });
const atApple = () => world.apple.world.locations[0];
const configPosts = () => postsTo(world.apple).filter((path) => path === "/client/config").length;
const alerts = () =>
  world.read<{ message: string; open: boolean }>(
    "SELECT message, cleared_at IS NULL AS open FROM alert WHERE kind = 'NOTIFICATIONS_OFF' ORDER BY raised_at",
  );
const waiting = async () =>
  world.read<{ run_at: Date }>(
    "SELECT run_at FROM graphile_worker.jobs WHERE task_identifier = 'subscribe-notifications' AND run_at > now() + interval '1 minute'",
  );
const asked = () =>
  world.read("SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [`subscribe-notifications:${tokenId}:now`]);
const forgetJob = () => world.read("SELECT graphile_worker.remove_job($1)", [`subscribe-notifications:${tokenId}:now`]);
const stored = async () => {
  const [token] = await world.read<{ health_state: string }>("SELECT health_state FROM token WHERE id = $1", [tokenId]);
  return token?.health_state;
};

it("is asked for as soon as a token may write", async () => {
  expect(await stored()).toBe("ACTIVE");
  expect(await asked()).toHaveLength(1);
});

it("tells Apple where to call, with which secret and of what, and keeps our claim", async () => {
  const claim = { ...atApple()?.mdmInfo };
  await subscribe();
  const secret = notificationSecret(core, tokenId);
  const { publicUrl } = core.policy;
  expect(atApple()?.notifications).toEqual({
    url: `${publicUrl}/apple/notifications/${tokenId}`,
    authToken: secret,
    types: TYPES,
  });
  expect(receiver.secrets).toEqual([`Bearer ${secret}`]);
  expect(atApple()?.mdmInfo).toEqual(claim);
  const sent = world.apple.world.requests.entries.filter(({ method }) => method === "POST").at(-1);
  expect(sent?.body).toMatchObject({ mdmInfo: claim });
});

it("says nothing again that Apple shows already", async () => {
  await subscribe();
  const posts = configPosts();
  await subscribe();
  expect(configPosts()).toBe(posts);
});

it.each([
  ["address", (settings: { url: string | undefined }) => Object.assign(settings, { url: "https://old.example.com/x" })],
  ["secret", (settings: object) => Object.assign(settings, { authToken: "of an older key" })],
  ["list of types", (settings: object) => Object.assign(settings, { types: TYPES.slice(1) })],
  [
    "nothing at all",
    (settings: object) => Object.assign(settings, { url: undefined, authToken: undefined, types: [] }),
  ],
])("is noticed by the next synchronisation to be another, and mended: %s", async (_, change) => {
  await subscribe();
  const settings = atApple()?.notifications;
  if (!settings) throw new Error("The simulator has no location");
  change(settings);
  await forgetJob();
  await core.dataSource.transaction((tx) =>
    requestSync(tx, core, tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.SCHEDULE }),
  );
  await syncToken(core, { tokenId });
  expect(await asked()).toHaveLength(1);
  await subscribe();
  expect(settings).toMatchObject({ authToken: notificationSecret(core, tokenId), types: TYPES });
});

it("is asked for again when Apple has lost it with our next claim", async () => {
  await subscribe();
  await world.control("/switches", { partialConfig: "replace" });
  await core.dataSource.transaction((tx) =>
    requestSync(tx, core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.SCHEDULE }),
  );
  await syncToken(core, { tokenId });
  await forgetJob();
  await verifyToken(core, { tokenId });
  expect(atApple()?.notifications.url).toBeUndefined();
  expect(await asked()).toHaveLength(1);
  const claim = { ...atApple()?.mdmInfo };
  await subscribe();
  expect(atApple()?.notifications).toMatchObject({ authToken: notificationSecret(core, tokenId), types: TYPES });
  expect(atApple()?.mdmInfo).toEqual(claim);
});

it("asks Apple nothing when no PUBLIC_URL says where to call", async () => {
  const before = world.apple.world.requests.entries.length;
  await subscribe(withPublicUrl(null));
  expect(world.apple.world.requests.entries).toHaveLength(before);
});

it("asks Apple nothing while the token may not write", async () => {
  await world.core.dataSource.query("UPDATE token SET health_state = 'SUSPENDED'");
  const before = world.apple.world.requests.entries.length;
  await subscribe();
  expect(world.apple.world.requests.entries).toHaveLength(before);
});

it("never writes over another MDM's claim", async () => {
  await world.control("/take-over", { id: "another", name: "Other MDM", metadata: "" });
  const posts = configPosts();
  await subscribe();
  expect(configPosts()).toBe(posts);
  expect(atApple()?.mdmInfo?.id).toBe("another");
  expect(await alerts()).toEqual([]);
});

it("tells the admin of an address that Apple does not reach, keeps the token working, and tries again", async () => {
  receiver.status = 503;
  await subscribe();
  expect(await alerts()).toEqual([
    { message: expect.stringMatching(/"Sample token".*cannot reach.*PUBLIC_URL/s), open: true },
  ]);
  expect(await stored()).toBe("ACTIVE");
  expect(await waiting()).toHaveLength(1);
  expect(atApple()?.notifications.url).toBeUndefined();

  receiver.status = 200;
  await subscribe();
  expect(await alerts()).toMatchObject([{ open: false }]);
});

it.each([
  ["is no https address (9712)", { plainNotifications: false }],
  ["is too long (9711)", { limits: { maxNotificationLength: 20 } }],
])("tells the admin that PUBLIC_URL has to be another when it %s", async (_, switches) => {
  await world.control("/switches", switches);
  await subscribe();
  expect(await alerts()).toEqual([{ message: expect.stringContaining("PUBLIC_URL"), open: true }]);
  expect(await stored()).toBe("ACTIVE");
});

it("tells of a token that Apple refuses by its health, and of Apple's absence not at all", async () => {
  await world.control("/fail-next", { path: "/client/config", method: "POST", errorNumber: 9603 });
  await subscribe();
  expect(await waiting()).toHaveLength(1);
  expect(await stored()).toBe("ACTIVE");
  await world.control("/revoke-token", {});
  await subscribe();
  expect(await stored()).toBe("REVOKED");
  expect(await alerts()).toEqual([]);
});

describe("a token that is removed", () => {
  const remove = () =>
    core.dataSource.transaction((tx) =>
      removeToken(tx, core, { tokenId, licenses: null, dryRun: false, actor: "admin" }),
    );
  beforeEach(() => {
    receiver.status = 503;
  });

  it("is no longer told of", async () => {
    await subscribe();
    await remove();
    expect(await alerts()).toMatchObject([{ open: false }]);
  });

  it("is not told of by an answer of Apple's that comes later", async () => {
    const { apple } = core;
    const late = async (...request: Parameters<typeof apple.subscribe>) => {
      await remove();
      return apple.subscribe(...request);
    };
    await subscribe({ ...core, apple: { ...apple, subscribe: late } });
    expect(receiver.secrets).toHaveLength(1);
    expect(await alerts()).toEqual([]);
    expect(await waiting()).toEqual([]);
  });
});

it("looks at the start whether Apple calls where it should", async () => {
  await forgetJob();
  await checkSubscriptions(core);
  expect(await asked()).toHaveLength(1);
});

it("lets the admin in peace at the start when PUBLIC_URL is gone", async () => {
  receiver.status = 503;
  await subscribe();
  await checkSubscriptions(withPublicUrl(null));
  expect(await alerts()).toMatchObject([{ open: false }]);
});

it("shows the secret to no log and no copy of what Apple answers", async () => {
  await subscribe();
  const secret = notificationSecret(core, tokenId);
  const config = await core.apple.clientConfig({ tokenId, text: world.apple.tokenFile });
  expect(config.notificationSecret).toBe(secret);
  expect(JSON.stringify([config, { ...config }])).not.toContain(secret);
});
