import { type HolderKind, PluginError } from "../../../src/plugins/contract.js";
import { COMMANDS, DEVICES, GROUPS, listOf, need, type Planted, plantInConnection, plantInRead } from "./ground.js";

/** What is wrong with how a plugin lists users, devices and collections. */
export const listings: readonly Planted[] = [
  {
    fault: "reads the first page only",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      async listHolders<K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal) {
        return { ...(await listOf(good, kind, cursor, signal)), next: null, complete: true };
      },
    })),
    caughtBy: "lists every user and device once, page by page, and says when that is all",
    saying: /These devices are not listed/,
  },
  {
    fault: "remembers where it was instead of reading the cursor",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => {
      const places = new Map<string, string | null>();
      return {
        async listHolders<K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal) {
          const place = cursor === null ? null : (places.get(kind) ?? null);
          const page = await listOf(good, kind, place, signal);
          places.set(kind, page.next);
          return page;
        },
      };
    }),
    caughtBy: "reads a page by its cursor alone, as another process would",
    saying: /The cursor of the second page led to the first/,
  },
  {
    fault: "calls a listing complete whose page it could not read",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      listHolders: <K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal) =>
        listOf(good, kind, cursor, signal).catch((error) => {
          if (cursor === null) throw error;
          return { records: [], next: null, complete: true };
        }),
    })),
    caughtBy: "calls no listing complete that a failure has cut short",
    saying: /was called complete, though request 2 of it failed/,
  },
  {
    fault: "leaves members of collections out",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      async listHolders<K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal) {
        const page = await listOf(good, kind, cursor, signal);
        const records = page.records.map((record) =>
          "memberExternalIds" in record
            ? { ...record, memberExternalIds: record.memberExternalIds.slice(0, 5) }
            : record,
        );
        return { ...page, records };
      },
    })),
    caughtBy: "lists the product's collections with all their members",
    saying: /Its members are others/,
  },
  {
    fault: "does not tell whose a device is",
    ground: COMMANDS,
    plugin: plantInRead(({ read }) => (request) => {
      const reading = read(request);
      return { ...reading, devices: reading.devices.map((device) => ({ ...device, userExternalId: null })) };
    }),
    caughtBy: "learns of devices and their users by webhook",
    saying: /has another user/,
  },
  {
    fault: "asks a device each time that it is told",
    ground: DEVICES,
    plugin: plantInConnection(DEVICES, (good, { random }) => ({
      inquire: async (inquiries, signal) =>
        need(good.inquire)(
          inquiries.map((inquiry) => ({ ...inquiry, key: `${random()}` })),
          signal,
        ),
    })),
    caughtBy: "asks a device for its serial number, once for the same key, and tells the answer",
    saying: /The device has to be asked once/,
  },
  {
    fault: "makes an empty list of half an answer",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      listHolders: <K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal) =>
        listOf(good, kind, cursor, signal).catch((error) => {
          if (error instanceof PluginError && error.kind !== "internal") throw error;
          return { records: [], next: null, complete: true };
        }),
    })),
    caughtBy: "takes half an answer for none, though it looks whole",
    saying: /made a list of an answer that it cannot have understood/,
  },
];
