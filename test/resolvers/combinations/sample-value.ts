import { type GraphQLInputType, getNamedType, getNullableType, isEnumType, isListType } from "graphql";
import type { SeededRandom } from "../../../simulators/random.js";
import type { PlantedIds } from "../statements/plant-world.js";
import { NAIVE_LISTS, type Row, type World } from "./naive-lists.js";

interface Sampled {
  readonly world: World;
  readonly ids: PlantedIds;
  readonly list: string;
  readonly random: SeededRandom;
}

/** Texts of which some names have a part. */
const PARTS = ["a", "MA", "notes", "red", "e", "%", "_", "sample"];

/** Something to filter by that often meets some rows. */
export function sampleValue(name: string, type: GraphQLInputType, sampled: Sampled): unknown {
  const { world, ids, list, random } = sampled;
  const nullable = getNullableType(type);
  const named = getNamedType(type);
  const pick = <Value>(values: readonly Value[]): Value => values[random.integer(values.length)] as Value;
  if (isListType(nullable)) return [...new Set([1, 2, 3].map(() => sampleValue(name, nullable.ofType, sampled)))];
  const rows = world.get(NAIVE_LISTS[list]?.entity.name ?? "") ?? [];
  const known = [...new Set(rows.map((row: Row) => row[name]))].filter((value) => typeof value === "string");
  if (isEnumType(named)) {
    const all = named.getValues().map((value) => value.name);
    return known.length > 0 && random.next() < 0.8 ? pick(known) : pick(all);
  }
  switch (named.name) {
    case "ID":
      return pick(ids[`${name.charAt(0).toUpperCase()}${name.slice(1)}`] ?? []);
    case "Boolean":
      return random.next() < 0.5;
    case "Int":
      return random.integer(12);
    case "DateTime":
      return new Date(Date.UTC(2030, 0, 1 + random.integer(6))).toISOString();
    default:
      if (name === "category") return "tablets";
      if (["search", "nameContains"].includes(name)) return pick(PARTS);
      return name === "platform" ? pick(["iOS", "macOS"]) : pick(known);
  }
}
