import { assetKey } from "../asset.js";
import type { Assignment } from "../assignments.js";
import { ServiceError } from "../errors.js";
import { ListBody } from "../list-body.js";
import type { Location } from "../location.js";
import type { RowSource } from "../ordered-rows.js";
import { readPage } from "../paging.js";
import { booleanValue, integerValue, oneOf, textValue } from "../query-values.js";
import type { ServiceRequest } from "../service-request.js";
import { arraySource } from "../view-cache.js";

const PRICING_PARAMS = ["STDQ", "PLUS"] as const;

interface Filter {
  adamId: string | undefined;
  pricingParam: string | undefined;
  clientUserId: string | undefined;
  serialNumber: string | undefined;
  excludeInactiveUsers: boolean;
  sinceVersionId: string | undefined;
  withRemovals: boolean;
}

/** A page of assignments, or of those changed since a version. Filters combine freely, also with a version. */
export function readAssignments({ world, location, query }: ServiceRequest): object {
  const filter: Filter = {
    adamId: textValue(query, "adamId"),
    pricingParam: oneOf(query, "pricingParam", PRICING_PARAMS),
    clientUserId: textValue(query, "clientUserId"),
    serialNumber: textValue(query, "serialNumber"),
    excludeInactiveUsers: booleanValue(query, "excludeInactiveUsers") ?? false,
    sinceVersionId: textValue(query, "sinceVersionId"),
    withRemovals: world.switches.deltaRemovals,
  };
  const withState = booleanValue(query, "includeUserState") ?? false;
  const pageIndex = integerValue(query, "pageIndex") ?? 0;
  const { rows, envelope } = readPage(selectRows(location, filter), pageIndex, world.switches.pageSize);
  const texts = rows.map((row) => assignmentText(row, withState));
  return new ListBody("assignments", texts, { ...envelope, versionId: location.assignments.versions.current });
}

/** The narrowest index answers alone where it can; otherwise its rows are filtered once a version. */
function selectRows(location: Location, filter: Filter): RowSource<Assignment> {
  const { assignments, assets } = location;
  const others = Object.entries(filter).filter(([name, value]) => {
    return name !== "withRemovals" && value !== undefined && value !== false;
  });
  if (others.length === 0) return assignments.rows;
  if (filter.sinceVersionId !== undefined && !assignments.versions.knows(filter.sinceVersionId)) {
    throw new ServiceError(9721);
  }
  const narrowedByAssetAlone = others.every(([name]) => name === "adamId" || name === "pricingParam");
  if (filter.adamId !== undefined && narrowedByAssetAlone && !wasRemoved(location, filter.adamId)) {
    const owned = assets.rows.filter((asset) => acceptsAsset(filter, asset.item.adamId, asset.pricingParam));
    const only = owned[0];
    if (owned.length <= 1) return only?.assignments ?? arraySource([]);
  }
  const version = `${assignments.versions.current} ${location.users.versions.current}`;
  return assignments.views.view(JSON.stringify(filter), version, () => {
    return [...candidateRows(location, filter)].filter((row) => accepts(filter, row));
  });
}

function candidateRows(location: Location, filter: Filter): Iterable<Assignment> {
  const { assignments, assets, users } = location;
  if (filter.sinceVersionId !== undefined) {
    const changed = assignments.versions.since(filter.sinceVersionId);
    return changed.filter((row) => filter.withRemovals || row.listed);
  }
  if (filter.serialNumber !== undefined) return listed(assignments.device(filter.serialNumber).assignments);
  if (filter.clientUserId !== undefined) {
    return listed(users.all(filter.clientUserId).flatMap((user) => user.assignments));
  }
  if (filter.adamId !== undefined && !wasRemoved(location, filter.adamId)) {
    const owned = assets.rows.filter((asset) => asset.item.adamId === filter.adamId);
    return owned.flatMap((asset) => [...asset.assignments]).sort((left, right) => left.sequence - right.sequence);
  }
  return assignments.rows;
}

/** Its assignments may still be listed: no asset of the list has them any more. */
function wasRemoved(location: Location, adamId: string): boolean {
  return PRICING_PARAMS.some((pricingParam) => location.isRemoved(assetKey(adamId, pricingParam)));
}

function listed(rows: Assignment[]): Assignment[] {
  return rows.filter((row) => row.listed);
}

function accepts(filter: Filter, { asset, holder }: Assignment): boolean {
  if (!acceptsAsset(filter, asset.item.adamId, asset.pricingParam)) return false;
  if (holder.kind === "device") {
    return filter.clientUserId === undefined && (filter.serialNumber ?? holder.serialNumber) === holder.serialNumber;
  }
  if (filter.excludeInactiveUsers && holder.status === "Retired") return false;
  return filter.serialNumber === undefined && (filter.clientUserId ?? holder.clientUserId) === holder.clientUserId;
}

function acceptsAsset(filter: Filter, adamId: string, pricingParam: string): boolean {
  return (filter.adamId ?? adamId) === adamId && (filter.pricingParam ?? pricingParam) === pricingParam;
}

/** One row as JSON. Apple documents no mark for a removed one; ours appears only with the switch `deltaRemovals`. */
function assignmentText({ asset, holder, listed }: Assignment, withState: boolean): string {
  const mark = listed ? "" : ',"removed":true';
  if (holder.kind === "device") {
    return `{${asset.jsonFields},"serialNumber":${JSON.stringify(holder.serialNumber)}${mark}}`;
  }
  const idHash = holder.idHash === undefined ? "" : `,"idHash":${JSON.stringify(holder.idHash)}`;
  const state = withState ? `,"userStatus":"${holder.status}"${idHash}` : "";
  return `{${asset.jsonFields},"clientUserId":${JSON.stringify(holder.clientUserId)}${mark}${state}}`;
}
