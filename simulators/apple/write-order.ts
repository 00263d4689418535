import { type Asset, assetKey } from "./asset.js";
import { ServiceError } from "./errors.js";
import type { Location } from "./location.js";
import type { Limits } from "./switches.js";

export interface AssetReference {
  adamId: string;
  pricingParam: string;
}

export interface HolderOrder {
  clientUserIds: string[];
  serialNumbers: string[];
}

export interface AssetOrder extends HolderOrder {
  assets: AssetReference[];
}

/**
 * What an associate or disassociate asks for, checked in Apple's terms.
 * @throws ServiceError 9602, 9718, 9719, 9700, 9701, 9702, 9703, 9704, 9705, in that order.
 */
export function readAssetOrder(body: Record<string, unknown>, limits: Limits): AssetOrder {
  const assets = list(body.assets).map(readAssetReference);
  const holders = readHolders(body);
  if (assets.length === 0) throw new ServiceError(9718);
  requireHolders(holders);
  if (assets.length > limits.maxAssets) throw new ServiceError(9700);
  requireHoldersWithin(holders, limits.maxClientUserIds, limits.maxSerialNumbers);
  const twice = repeated(assets, (asset) => assetKey(asset.adamId, asset.pricingParam));
  if (twice.length > 0) throw new ServiceError(9703, { assets: twice });
  requireHoldersOnce(holders);
  return { assets, ...holders };
}

/** What a revoke asks for. @throws ServiceError 9602, 9719, 9701, 9702, 9704, 9705, in that order. */
export function readHolderOrder(body: Record<string, unknown>, limits: Limits): HolderOrder {
  const holders = readHolders(body);
  requireHolders(holders);
  requireHoldersWithin(holders, limits.maxRevokeClientUserIds, limits.maxRevokeSerialNumbers);
  requireHoldersOnce(holders);
  return holders;
}

/** The assets of the order that the location owns. */
export function ownedAssets(location: Location, order: AssetOrder): Asset[] {
  return order.assets.flatMap(({ adamId, pricingParam }) => location.assets.find(adamId, pricingParam) ?? []);
}

/** @throws ServiceError 9609 naming every clientUserId without an active user. */
export function requireKnownUsers(location: Location, clientUserIds: string[]): void {
  const unknown = clientUserIds.filter((clientUserId) => location.users.active(clientUserId) === undefined);
  if (unknown.length > 0) throw new ServiceError(9609, { clientUserIds: unknown });
}

/** The items whose key came before, each as often as it came again. */
export function repeated<Item>(items: Item[], keyOf: (item: Item) => string): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    return seen.has(key) || !seen.add(key);
  });
}

/** @throws ServiceError 9602 for anything that is there and not a list. */
export function list(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ServiceError(9602);
  return value;
}

function readAssetReference(value: unknown): AssetReference {
  if (typeof value !== "object" || value === null) throw new ServiceError(9602);
  const { adamId, pricingParam = "STDQ" } = value as Record<string, unknown>;
  if (typeof adamId !== "string" || !/^\d+$/.test(adamId)) throw new ServiceError(9602);
  if (pricingParam !== "STDQ" && pricingParam !== "PLUS") throw new ServiceError(9602);
  return { adamId, pricingParam };
}

function readHolders(body: Record<string, unknown>): HolderOrder {
  return { clientUserIds: texts(body.clientUserIds), serialNumbers: texts(body.serialNumbers) };
}

function texts(value: unknown): string[] {
  return list(value).map((item) => {
    if (typeof item !== "string" || item === "") throw new ServiceError(9602);
    return item;
  });
}

function requireHolders({ clientUserIds, serialNumbers }: HolderOrder): void {
  if (clientUserIds.length === 0 && serialNumbers.length === 0) throw new ServiceError(9719);
}

function requireHoldersWithin(holders: HolderOrder, maxClientUserIds: number, maxSerialNumbers: number): void {
  if (holders.clientUserIds.length > maxClientUserIds) throw new ServiceError(9701);
  if (holders.serialNumbers.length > maxSerialNumbers) throw new ServiceError(9702);
}

function requireHoldersOnce({ clientUserIds, serialNumbers }: HolderOrder): void {
  const usersTwice = repeated(clientUserIds, (clientUserId) => clientUserId);
  if (usersTwice.length > 0) throw new ServiceError(9704, { clientUserIds: usersTwice });
  const serialsTwice = repeated(serialNumbers, (serialNumber) => serialNumber);
  if (serialsTwice.length > 0) throw new ServiceError(9705, { serialNumbers: serialsTwice });
}
