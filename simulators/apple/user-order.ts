import { ServiceError } from "./errors.js";
import type { Limits } from "./switches.js";
import { list, repeated } from "./write-order.js";

/** One user of a create, update or retire. */
export interface UserOrder {
  clientUserId: string;
  email: string | undefined;
  managedAppleId: string | undefined;
}

/**
 * What a users/create, update or retire asks for, checked in Apple's terms.
 * @throws ServiceError 9602, 9720, 9714, 9715, 9717, in that order.
 */
export function readUserOrders(body: Record<string, unknown>, limits: Limits): UserOrder[] {
  const users = list(body.users).map(readUserOrder);
  if (users.length === 0) throw new ServiceError(9720);
  if (users.length > limits.maxUsers) throw new ServiceError(9714);
  const twice = repeated(users, (user) => user.clientUserId).map((user) => user.clientUserId);
  if (twice.length > 0) throw new ServiceError(9715, { clientUserIds: twice });
  const wrong = users.filter((user) => user.email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(user.email));
  if (wrong.length > 0) throw new ServiceError(9717, { clientUserIds: wrong.map((user) => user.clientUserId) });
  return users;
}

function readUserOrder(value: unknown): UserOrder {
  if (typeof value !== "object" || value === null) throw new ServiceError(9602);
  const { clientUserId, email, managedAppleId } = value as Record<string, unknown>;
  if (typeof clientUserId !== "string" || clientUserId === "") throw new ServiceError(9602);
  return { clientUserId, email: optionalText(email), managedAppleId: optionalText(managedAppleId) };
}

function optionalText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new ServiceError(9602);
  return value;
}
