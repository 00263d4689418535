import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { spreadTurn } from "../tokens/spread-turn.js";

export type Schedule = "sync" | "expiry" | "counts" | "holders" | "alerts" | "sweep";

/** What each schedule adds when it ticks, in the transaction that takes its slot at this moment. */
export const SCHEDULES: { readonly [Name in Schedule]: (tx: EntityManager, core: Core, at: Date) => Promise<void> } = {
  sync: async (tx, core, at) => {
    const tokens = await rows<{ id: string }>(tx, "SELECT id FROM token ORDER BY id");
    for (const { id } of tokens) {
      await addJob(tx, "schedule-sync", { tokenId: id }, spreadTurn(core, at, id, tokens.length));
    }
  },
  expiry: async (tx) => {
    await addJob(tx, "warn-of-expiry", {});
    await addJob(tx, "remind-people", {});
    for (const { id } of await rows<{ id: string }>(tx, "SELECT id FROM target ORDER BY id")) {
      await addJob(tx, "check-target", { targetId: id });
    }
  },
  counts: async (tx) => {
    await addJob(tx, "snapshot-counts", {});
  },
  holders: async (tx) => {
    for (const { id } of await rows<{ id: string }>(tx, "SELECT id FROM target ORDER BY id")) {
      await addJob(tx, "import-holders", { targetId: id });
    }
  },
  alerts: async (tx) => {
    await addJob(tx, "check-alerts", {});
  },
  sweep: async (tx) => {
    await addJob(tx, "sweep", {});
  },
};
