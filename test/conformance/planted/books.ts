import { PluginError, type TargetLicenses } from "../../../src/plugins/contract.js";
import { GROUPS, need, type Planted, plantInConnection } from "./ground.js";

/** What is wrong with how a plugin keeps the books of a product that owns its tokens. */
export const books: readonly Planted[] = [
  {
    fault: "counts only the licences in use",
    ground: GROUPS,
    plugin: plantInBooks((good) => ({
      async apps(token, cursor, signal) {
        const page = await good.apps(token, cursor, signal);
        return { ...page, records: page.records.map((app) => ({ ...app, totalCount: app.assignedCount })) };
      },
    })),
    caughtBy: "shows the product's tokens and apps with their counts",
    saying: /is not among the apps, with its licences/,
  },
  {
    fault: "is never done with reading from Apple",
    ground: GROUPS,
    plugin: plantInBooks(() => ({ sync: async () => ({ finished: false }) })),
    caughtBy: "finishes a synchronisation sooner or later",
    saying: /never finished/,
  },
  {
    fault: "refuses to take a licence back twice",
    ground: GROUPS,
    plugin: plantInBooks((good) => ({
      async revoke(token, adamId, holders, signal) {
        const { records } = await good.holders(token, adamId, null, signal);
        const isHeld = holders.some((one) => records.some(({ externalId }) => externalId === one.externalId));
        if (!isHeld) throw new PluginError("rejected", "There is no such licence.");
        await good.revoke(token, adamId, holders, signal);
      },
    })),
    caughtBy: "shows who holds licences, and takes them back, also twice",
    saying: /`licenses.revoke` failed where nothing is wrong: rejected/,
  },
  {
    fault: "takes the name of a collection for its id",
    ground: GROUPS,
    plugin: plantInConnection(GROUPS, (good) => ({
      apply: (steps, signal) =>
        good.apply(
          steps.map((step) => {
            const { collection } = step;
            return { ...step, collection: collection && { ...collection, externalId: collection.name } };
          }),
          signal,
        ),
    })),
    caughtBy: "addresses a collection of the product's own as a whole",
    saying: /Not every device of a collection that was addressed as a whole is seen as installed/,
  },
];

/** The plugin with one fault in its books. */
function plantInBooks(spoil: (good: TargetLicenses) => Partial<TargetLicenses>): Planted["plugin"] {
  return plantInConnection(GROUPS, (good) => {
    const { licenses } = good;
    return { licenses: { ...need(licenses), ...spoil(need(licenses)) } };
  });
}
