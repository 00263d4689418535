import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";

export type Schedule = "sync" | "holders" | "sweep";

/** Over how long the synchronisations of many tokens are spread. */
const SPREAD_MS = 60 * 60_000;

/** A single token is not made to wait for others. */
const SPREAD_FROM = 10;

/** What each schedule adds when it ticks, in the transaction that takes its slot. */
export const SCHEDULES: { readonly [Name in Schedule]: (tx: EntityManager, core: Core) => Promise<void> } = {
  sync: async (tx, core) => {
    const tokens = await rows<{ id: string }>(tx, "SELECT id FROM token ORDER BY id");
    for (const { id } of tokens) {
      const at = tokens.length < SPREAD_FROM ? null : core.clock.in(core.clock.random() * SPREAD_MS);
      await addJob(tx, "schedule-sync", { tokenId: id }, at);
    }
  },
  holders: async (tx) => {
    for (const { id } of await rows<{ id: string }>(tx, "SELECT id FROM target ORDER BY id")) {
      await addJob(tx, "import-holders", { targetId: id });
    }
  },
  sweep: async (tx) => {
    await addJob(tx, "sweep", {});
  },
};
