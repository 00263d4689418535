import { ServiceError } from "../errors.js";
import type { Location } from "../location.js";
import type { RowSource } from "../ordered-rows.js";
import { readPage } from "../paging.js";
import { booleanValue, integerValue, textValue } from "../query-values.js";
import type { ServiceRequest } from "../service-request.js";
import type { User } from "../users.js";

interface Filter {
  clientUserId: string | undefined;
  activeOnly: boolean;
  retiredOnly: boolean;
  sinceVersionId: string | undefined;
}

/** A page of users, or of those changed since a version. Filters combine freely, also with a version. */
export function readUsers({ world, location, query }: ServiceRequest): object {
  const filter: Filter = {
    clientUserId: textValue(query, "clientUserId"),
    activeOnly: booleanValue(query, "activeOnly") ?? false,
    retiredOnly: booleanValue(query, "retiredOnly") ?? false,
    sinceVersionId: textValue(query, "sinceVersionId"),
  };
  if (filter.activeOnly && filter.retiredOnly) throw new ServiceError(9602);
  const pageIndex = integerValue(query, "pageIndex") ?? 0;
  const { rows, envelope } = readPage(selectRows(location, filter), pageIndex, world.switches.pageSize);
  return { users: rows.map(({ shown }) => shown), ...envelope, versionId: location.users.versions.current };
}

function selectRows(location: Location, filter: Filter): RowSource<User> {
  const { users } = location;
  const unfiltered = Object.values(filter).every((value) => value === undefined || value === false);
  if (unfiltered) return users.rows;
  if (filter.sinceVersionId !== undefined && !users.versions.knows(filter.sinceVersionId)) throw new ServiceError(9721);
  return users.views.view(JSON.stringify(filter), users.versions.current, () => {
    return [...candidateRows(location, filter)].filter((user) => accepts(filter, user));
  });
}

function candidateRows({ users }: Location, filter: Filter): Iterable<User> {
  if (filter.sinceVersionId !== undefined) return users.versions.since(filter.sinceVersionId);
  return filter.clientUserId === undefined ? users.rows : users.all(filter.clientUserId);
}

function accepts(filter: Filter, user: User): boolean {
  if (user.shown === undefined) return false;
  const retired = user.shown.status === "Retired";
  if (filter.activeOnly && retired) return false;
  if (filter.retiredOnly && !retired) return false;
  return (filter.clientUserId ?? user.clientUserId) === user.clientUserId;
}
