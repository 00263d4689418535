import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  ListPage,
  Step,
  TargetConnection,
  TargetLicenseHolder,
  TargetLicenses,
} from "../../src/plugins/contract.js";
import type { Check } from "../check.js";
import { follow } from "../follow.js";
import { APP, type Scene } from "../scene.js";
import type { ShapeName } from "../shapes.js";
import { applySteps, appOf, makeStep } from "../steps.js";
import { bring } from "./installs.js";

const MANY = 7;
const SYNC_ROUNDS = 20;

const ownsTokens = ({ licenseAuthority }: { licenseAuthority: string }) => licenseAuthority === "target";

export const licenseChecks: readonly Check[] = [
  {
    title: "shows the product's tokens and apps with their counts",
    concerns: ownsTokens,
    play: async (scene) => {
      const { books, token } = await openBooks(scene);
      const apps = await readAll(scene, "apps", (cursor, signal) => books.apps(token, cursor, signal));
      const app = apps.find(({ adamId }) => adamId === APP.adamId);
      assert.equal(
        app?.totalCount,
        APP.licenses,
        "The app of the fake product is not among the apps, with its licences.",
      );
    },
  },
  {
    title: "finishes a synchronisation sooner or later",
    concerns: ownsTokens,
    play: async (scene) => {
      const { books, token } = await openBooks(scene);
      for (let round = 0; round < SYNC_ROUNDS; round += 1) {
        const { finished } = await scene.call("sync", (signal) => books.sync(token, signal));
        if (finished) return;
        await scene.product.checkIn();
        await sleep(20);
      }
      assert.fail(`\`licenses.sync\` was asked ${SYNC_ROUNDS} times and never finished.`);
    },
  },
  {
    title: "shows who holds licences, and takes them back, also twice",
    concerns: ownsTokens,
    play: async (scene) => {
      const { connection, books, token } = await openBooks(scene);
      const app = await appOf(scene, connection);
      const devices = [];
      for (let count = 0; count < MANY; count += 1) devices.push(await scene.enroll());
      for (const device of devices) await bring(scene, connection, device, app, "install");
      const holders = () =>
        readAll(scene, "holders", (cursor, signal) => books.holders(token, APP.adamId, cursor, signal));
      const held = new Set((await holders()).map(nameOf));
      const mine = devices.map(({ externalId }): TargetLicenseHolder => ({ kind: "device", externalId }));
      assert.deepEqual(
        mine.filter((holder) => !held.has(nameOf(holder))),
        [],
        "These hold a licence, and are not shown.",
      );
      const [first, second, ...others] = mine;
      assert.ok(first && second);
      await bringAway(scene, connection, first);
      for (let times = 0; times < 2; times += 1) {
        await scene.call("revoke", (signal) => books.revoke(token, APP.adamId, [first, second], signal));
        await scene.product.checkIn();
      }
      const left = new Set((await holders()).map(nameOf));
      assert.ok(!left.has(nameOf(first)), "A licence that was taken back is still held.");
      assert.deepEqual(
        others.filter((holder) => !left.has(nameOf(holder))),
        [],
        "Licences of others were taken back.",
      );
    },
  },
  {
    title: "addresses a collection of the product's own as a whole",
    concerns: (plugin) => ownsTokens(plugin) && plugin.abilities.lists.includes("collection"),
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const devices = [await scene.enroll(), await scene.enroll()];
      const name = "Conformance collection";
      const ids = devices.map(({ externalId }) => externalId);
      const made = await scene.product.addCollection?.(name, "device", ids);
      const externalId = made?.externalId;
      assert.ok(externalId, "The plugin lists collections, so its fake product needs `addCollection`.");
      for (const action of ["install", "remove"] as const) {
        const steps: Step[] = devices.map((device) =>
          makeStep(device, app, { action, collection: { externalId, name } }),
        );
        const outcomes = await applySteps(scene, connection, steps);
        const ends = await follow(
          scene,
          connection,
          steps.map((step) => ({ step, outcome: outcomes.get(step.key) })),
        );
        const wanted = action === "install" ? "installed" : "removed";
        assert.deepEqual(
          steps.map(({ key }) => ends.get(key)?.state),
          [wanted, wanted],
          `Not every device of a collection that was addressed as a whole is seen as ${wanted}.`,
        );
      }
    },
  },
];

interface Books {
  readonly connection: TargetConnection;
  readonly books: TargetLicenses;
  /** `externalId` of the first token. */
  readonly token: string;
}

async function openBooks(scene: Scene): Promise<Books> {
  const connection = await scene.connect();
  const books = connection.licenses ?? assert.fail("The plugin owns tokens, but has no `licenses`.");
  const [token] = await scene.call("tokens", (signal) => books.tokens(signal));
  return { connection, books, token: token?.externalId ?? assert.fail("The product lists no token.") };
}

async function bringAway(
  scene: Scene,
  connection: TargetConnection,
  { externalId }: TargetLicenseHolder,
): Promise<void> {
  const device = { externalId, serial: null, userExternalId: null };
  await bring(scene, connection, device, await appOf(scene, connection), "remove");
}

async function readAll<T>(
  scene: Scene,
  shape: ShapeName,
  read: (cursor: string | null, signal: AbortSignal) => Promise<ListPage<T>>,
): Promise<T[]> {
  const records: T[] = [];
  const cursors = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    const page: ListPage<T> = await scene.call(shape, (signal) => read(cursor, signal));
    records.push(...page.records);
    if (page.next === null) return records;
    assert.ok(!cursors.has(page.next), `The list of \`${shape}\` goes round in circles.`);
    cursors.add(page.next);
    cursor = page.next;
  }
}

function nameOf({ kind, externalId }: TargetLicenseHolder): string {
  return `${kind} ${externalId}`;
}
