import type { EventType, Task, UserRow } from "../events/task.js";
import { idHashOf, type Location } from "../location.js";
import type { ServiceRequest } from "../service-request.js";
import { readUserOrders, type UserOrder } from "../user-order.js";
import { type User, userRow } from "../users.js";
import type { World } from "../world.js";
import { requireKnownUsers } from "../write-order.js";

/** Does one user's part; answers the error number if it cannot be done. */
type Change = (world: World, location: Location, order: UserOrder) => number | undefined;

/** With a Managed Apple Account of the organisation the user is Associated at once, otherwise invited. */
export function createUsers(request: ServiceRequest): object {
  return start(request, "CREATE", createUser);
}

/** Changes what is given of the active user. */
export function updateUsers(request: ServiceRequest): object {
  return start(request, "UPDATE", updateUser);
}

/** Retires the active user and frees what is revocable. */
export function retireUsers(request: ServiceRequest): object {
  return start(request, "RETIRE", retireUser);
}

function start({ world, location, body }: ServiceRequest, type: EventType, change: Change): object {
  const orders = readUserOrders(body, world.switches.limits);
  if (type !== "CREATE" && world.switches.unknownUser === "sync") {
    requireKnownUsers(
      location,
      orders.map((order) => order.clientUserId),
    );
  }
  const event = location.events.start(type, orders.length, changes(world, location, orders, change));
  return { eventId: event.eventId };
}

function* changes(world: World, location: Location, orders: UserOrder[], change: Change): Generator<Task> {
  for (const order of orders) {
    const before = location.users.active(order.clientUserId);
    yield {
      run: () => change(world, location, order),
      rows: () => [notifiedUser(before ?? location.users.active(order.clientUserId), order)],
      info: () => ({ clientUserIds: [order.clientUserId] }),
    };
  }
}

/** A user that there is not stands as it was ordered. */
function notifiedUser(user: User | undefined, { clientUserId, email }: UserOrder): UserRow {
  if (user !== undefined) return userRow(user);
  return { clientUserId, ...(email === undefined ? {} : { email }) };
}

function createUser(world: World, location: Location, order: UserOrder): number | undefined {
  const { completeLagMs } = world.switches;
  if (location.users.active(order.clientUserId) !== undefined) return 9716;
  const refused = accountProblem(world, location, order, undefined);
  if (refused !== undefined) return refused;
  const user = location.register(order.clientUserId, order.email, completeLagMs);
  if (order.managedAppleId !== undefined) location.linkAccount(user, idHashOf(order.managedAppleId), completeLagMs);
  return undefined;
}

function updateUser(world: World, location: Location, order: UserOrder): number | undefined {
  const { completeLagMs } = world.switches;
  const user = location.users.active(order.clientUserId);
  if (user === undefined) return 9609;
  const refused = accountProblem(world, location, order, user);
  if (refused !== undefined) return refused;
  if (order.email !== undefined) location.changeEmail(user, order.email, completeLagMs);
  if (order.managedAppleId !== undefined) location.linkAccount(user, idHashOf(order.managedAppleId), completeLagMs);
  return undefined;
}

function retireUser({ switches }: World, location: Location, order: UserOrder): number | undefined {
  const user = location.users.active(order.clientUserId);
  if (user === undefined) return 9609;
  location.announce.assignments("DISASSOCIATE", location.retire(user, switches.completeLagMs));
  return undefined;
}

/** 9635 for an account outside the organisation or set as bad, 9641 for one that another active user has. */
function accountProblem(
  { switches }: World,
  location: Location,
  { managedAppleId }: UserOrder,
  self: User | undefined,
): number | undefined {
  if (managedAppleId === undefined) return undefined;
  const account = managedAppleId.toLowerCase();
  const bad = switches.badManagedAppleIds.some((candidate) => candidate.toLowerCase() === account);
  if (bad || !account.endsWith(`@${location.identity.domain}`)) return 9635;
  const linked = location.users.activeWithIdHash(idHashOf(account));
  return linked !== undefined && linked !== self ? 9641 : undefined;
}
