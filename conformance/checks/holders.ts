import assert from "node:assert/strict";
import type { HolderKind, HolderPage, HolderRecords, TargetConnection } from "../../src/plugins/contract.js";
import { requestsOf } from "../calls.js";
import { type Check, overNetwork } from "../check.js";
import type { EnrolledDevice } from "../fake-product.js";
import { readEvent } from "../follow.js";
import type { Scene } from "../scene.js";

const MANY = 8;
const MOST_PAGES = 1_000;

export const holderChecks: readonly Check[] = [
  {
    title: "lists every user and device once, page by page, and says when that is all",
    concerns: ({ abilities }) => abilities.lists.length > 0,
    play: async (scene) => {
      const enrolled = await enrollMany(scene);
      const connection = await scene.connect();
      const { lists, webhooks } = scene.plugin.abilities;
      if (lists.includes("device")) {
        const listed = await listAll(scene, connection, "device");
        const unlisted = enrolled.filter((device) => !listed.some((one) => one.externalId === device.externalId));
        assert.deepEqual(unlisted, [], "These devices are not listed.");
        // What the listing leaves out of them, events may have told.
        const told = webhooks.includes("holders") ? await devicesTold(scene, connection) : [];
        assertDevices([...told, ...listed], enrolled);
      }
      if (!lists.includes("user")) return;
      const users = (await listAll(scene, connection, "user")).map(({ externalId }) => externalId);
      const missing = enrolled.filter(({ userExternalId: user }) => user !== null && !users.includes(user));
      assert.deepEqual(missing, [], "The users of these devices are not listed.");
    },
  },
  {
    title: "reads a page by its cursor alone, as another process would",
    concerns: ({ abilities }) => abilities.lists.length > 0,
    play: async (scene) => {
      await enrollMany(scene);
      for (const kind of scene.plugin.abilities.lists) {
        const first = await readPage(scene, await scene.connect(), kind, null);
        if (first.next === null) continue;
        const here = await readPage(scene, await scene.connect(), kind, first.next);
        const there = await readPage(scene, await scene.connect(), kind, first.next);
        assert.deepEqual(idsOf(here), idsOf(there), `The same cursor led to two pages of ${kind}s.`);
        assert.notDeepEqual(idsOf(here), idsOf(first), `The cursor of the second page led to the first, of ${kind}s.`);
      }
    },
  },
  {
    title: "calls no listing complete that a failure has cut short",
    concerns: (plugin) => overNetwork(plugin) && plugin.abilities.lists.length > 0,
    play: async (scene) => {
      await enrollMany(scene);
      for (const kind of scene.plugin.abilities.lists) {
        const connection = await scene.connect();
        // What a connection asks for only once, such as a token, is no part of a listing.
        await listAll(scene, connection, kind);
        const requests = await requestsOf(scene, () => listAll(scene, connection, kind));
        for (let hit = 0; hit < requests; hit += 1) {
          scene.relay.fail({ kind: "answer", status: 503 }, (number) => number === hit);
          const ending = await scene.attempt(`listHolders (${kind})`, () => listAll(scene, connection, kind, true));
          scene.relay.fail(null);
          assert.ok(!ending.ok, `A listing of ${kind}s was called complete, though request ${hit + 1} of it failed.`);
        }
      }
    },
  },
  {
    title: "lists the product's collections with all their members",
    concerns: ({ abilities }) => abilities.lists.includes("collection"),
    play: async (scene) => {
      const enrolled = await enrollMany(scene);
      const { addCollection } = scene.product;
      assert.ok(addCollection, "The plugin lists collections, so its fake product needs `addCollection`.");
      const devices = enrolled.map(({ externalId }) => externalId);
      const made = [
        await addCollection.call(scene.product, "Conformance devices", "device", devices),
        await addCollection.call(scene.product, "Nobody", "device", []),
      ];
      const listed = await listAll(scene, await scene.connect(), "collection");
      for (const { externalId, memberExternalIds } of made) {
        const found = listed.find((one) => one.externalId === externalId);
        assert.ok(found, `The collection "${externalId}" is not listed.`);
        assert.deepEqual([...found.memberExternalIds].sort(), [...memberExternalIds].sort(), "Its members are others.");
      }
    },
  },
  {
    title: "learns of devices and their users by webhook",
    concerns: ({ abilities }) => abilities.webhooks.includes("holders"),
    play: async (scene) => {
      const connection = await scene.connect();
      const enrolled = [await scene.enroll({ hasUser: true }), await scene.enroll()];
      await scene.product.checkIn();
      assertDevices(await devicesTold(scene, connection), enrolled);
    },
  },
];

async function enrollMany(scene: Scene): Promise<EnrolledDevice[]> {
  const enrolled: EnrolledDevice[] = [];
  for (let count = 0; count < MANY; count += 1) enrolled.push(await scene.enroll({ hasUser: count % 2 === 0 }));
  await scene.product.checkIn();
  return enrolled;
}

/** What the events that have come tell of devices. */
async function devicesTold(scene: Scene, connection: TargetConnection): Promise<HolderRecords["device"][]> {
  const told: HolderRecords["device"][] = [];
  for (const event of scene.inbox.take()) told.push(...(await readEvent(scene, connection, event)).devices);
  return told;
}

function assertDevices(records: readonly HolderRecords["device"][], enrolled: readonly EnrolledDevice[]): void {
  for (const { externalId, serial, userExternalId } of enrolled) {
    const told = records.filter((one) => one.externalId === externalId);
    assert.ok(told.length > 0, `The device "${externalId}" is not told of.`);
    // What one of them leaves out, another may tell.
    const record: Partial<HolderRecords["device"]> = Object.assign({}, ...told);
    assert.equal(record.serial ?? null, serial, `The device "${externalId}" has another serial number.`);
    assert.equal(record.userExternalId ?? null, userExternalId, `The device "${externalId}" has another user.`);
    assert.equal(record.state, "enrolled", `The device "${externalId}" is enrolled.`);
  }
}

async function listAll<K extends HolderKind>(
  scene: Scene,
  connection: TargetConnection,
  kind: K,
  mayFail = false,
): Promise<HolderRecords[K][]> {
  const records: HolderRecords[K][] = [];
  const cursors = new Set<string>();
  for (let cursor: string | null = null, pages = 0; pages < MOST_PAGES; pages += 1) {
    const page: HolderPage<K> = await readPage(scene, connection, kind, cursor, mayFail);
    records.push(...page.records);
    cursor = page.next;
    assert.equal(page.complete, cursor === null, "`complete` is true on the last page, and on no other.");
    if (cursor === null) break;
    assert.ok(!cursors.has(cursor), `The listing of ${kind}s goes round in circles.`);
    cursors.add(cursor);
  }
  const ids = records.map(({ externalId }) => externalId);
  assert.equal(new Set(ids).size, ids.length, `The listing of ${kind}s names some twice.`);
  return records;
}

async function readPage<K extends HolderKind>(
  scene: Scene,
  connection: TargetConnection,
  kind: K,
  cursor: string | null,
  mayFail = false,
): Promise<HolderPage<K>> {
  const read = async (signal: AbortSignal): Promise<HolderPage<K>> =>
    (await connection.listHolders?.(kind, cursor, signal)) ?? assert.fail("There is no `listHolders`.");
  if (!mayFail) return scene.call(kind, read);
  const ending = await scene.attempt(`listHolders (${kind})`, read);
  if (!ending.ok) throw ending.error;
  return ending.value;
}

function idsOf(page: HolderPage): string[] {
  return page.records.map(({ externalId }) => externalId);
}
