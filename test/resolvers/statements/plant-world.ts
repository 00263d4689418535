import type { SampleApi } from "../sample-api.js";
import { plantInstallations } from "./plant-installations.js";
import { plantInventory } from "./plant-inventory.js";
import { plantRecords } from "./plant-records.js";

/** Global ids by the names of their types, one or more of each. */
export type PlantedIds = Record<string, string[]>;

/** One world more, apart from all others: something of every type, and each of their fields has a value in one of them. */
export async function plantWorld(api: SampleApi, ids: PlantedIds): Promise<void> {
  const inventory = await plantInventory(api);
  const nodes = [
    ...inventory.nodes,
    ...(await plantInstallations(api, inventory)),
    ...(await plantRecords(api, inventory)),
  ];
  for (const node of nodes) {
    const type = node.constructor.name;
    ids[type] = [...(ids[type] ?? []), node.globalId];
  }
}
