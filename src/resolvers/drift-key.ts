import { decodeGlobalId, encodeGlobalId } from "../entities/global-id.js";
import { AppError } from "../errors.js";
import type { DriftKey } from "../queries/drift/drift-type.js";
import { DriftType, LicenseDrift } from "../schema/drift.js";

const PREFIX = `${LicenseDrift.name}/`;

/** The id of a drift: as stable as what it is about. */
export function driftId({ type, tokenId, id }: DriftKey): string {
  return encodeGlobalId(PREFIX + type, tokenId, id);
}

/** @throws AppError NOT_FOUND when there cannot be such a drift. */
export function requireDriftKey(globalId: string): DriftKey {
  const key = decodeGlobalId(globalId);
  const type = Object.values(DriftType).find((value) => key?.type === PREFIX + value);
  const [tokenId, id] = key?.parts ?? [];
  if (type && tokenId && id && isToken(tokenId) && isId(id)) return { type, tokenId, id };
  throw new AppError("NOT_FOUND", "There is no LicenseDrift with this id. Use an id that `licenseDrift` returned.", {
    type: LicenseDrift.name,
    id: globalId,
  });
}

function isToken(part: string): boolean {
  return part.includes("-");
}

function isId(part: string): boolean {
  return !part.includes("-") && BigInt(part) < 2n ** 63n;
}
