import { PluginError } from "../../../src/plugins/contract.js";
import { GROUPS, listOf, need, type Planted, plantInConnection } from "./ground.js";

/** What is wrong with how a plugin ends what it has set up. */
export const releases: readonly Planted[] = [
  {
    fault: "leaves what stands for a collection as it is",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      release: async (wish, signal) => (wish.collection ? undefined : need(good.release)(wish, signal)),
    })),
    caughtBy: "ends what stands for a collection, so that who joins it gets nothing and who keeps the app has it",
    saying: /Who joins the collection after its release still gets the app/,
  },
  {
    fault: "refuses to release what it does not find",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      release: async (wish, signal) => {
        const { records } = await listOf(good, "device", null, signal);
        if (records.length === 0) throw new PluginError("rejected", "There is no such assignment.");
        await need(good.release)(wish, signal);
      },
    })),
    caughtBy: "ends what it has set up for devices alone, also when there is nothing, and begins anew after that",
    saying: /`release` failed where nothing is wrong: rejected/,
  },
];
