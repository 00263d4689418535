import { type Change, CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

/** A change of the API that a client may notice. */
export interface SchemaChange {
  /** Where, e.g. `StoreApp.totalCount`, or `Query.storeApps.filter` for an argument. */
  readonly place: string;
  /** What has changed, in a sentence. */
  readonly message: string;
}

export interface SchemaChanges {
  /** A client that worked may fail, and no word of it is in the changelog. */
  readonly unannounced: readonly SchemaChange[];
  /** The same, but announced. */
  readonly announced: readonly SchemaChange[];
  /** No query fails, but a client that knows every value of an enum, say, may be surprised. */
  readonly dangerous: readonly SchemaChange[];
}

/** Compares two schemas, as text, and holds the breaking changes against those that the changelog announces. */
export async function schemaChanges(released: string, current: string, changelog: string): Promise<SchemaChanges> {
  const changes = await diff(buildSchema(released), buildSchema(current));
  const of = (level: CriticalityLevel) => changes.filter(({ criticality }) => criticality.level === level).map(told);
  const places = announcedPlaces(changelog);
  const breaking = of(CriticalityLevel.Breaking);
  return {
    unannounced: breaking.filter(({ place }) => !places.has(place)),
    announced: breaking.filter(({ place }) => places.has(place)),
    dangerous: of(CriticalityLevel.Dangerous),
  };
}

function told({ path = "schema", message }: Change): SchemaChange {
  return { place: path, message };
}

/** What stands in backticks in the items of "Unreleased" that begin with "Breaking:". */
function announcedPlaces(changelog: string): ReadonlySet<string> {
  const [, unreleased = ""] = /^## Unreleased\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog) ?? [];
  const items = unreleased.split(/^- /m).filter((item) => item.startsWith("Breaking:"));
  return new Set(items.flatMap((item) => [...item.matchAll(/`([^`]+)`/g)].map(([, place = ""]) => place)));
}
