import { InstallationState as S } from "../../entities/installation.js";
import type { Move } from "./move-installations.js";

/** An installation whose app is seen on its device. */
interface Seen {
  readonly licenseId: string | null;
  /** The product claims licences itself. */
  readonly mirrored: boolean;
  /** Its member, or its deployment, is gone. */
  readonly left: boolean;
}

/**
 * Where an installation goes whose app is seen on its device: with a licence it is INSTALLED, without one it asks for one. One
 * that has left asks for none: that the app is there is noted as a fact, and shown as a drift; null then.
 */
export function seenInstalled({ licenseId, mirrored, left }: Seen): Pick<Move, "to" | "anew"> | null {
  if (mirrored || licenseId !== null) return { to: S.INSTALLED };
  return left ? null : { to: S.REQUESTED, anew: true };
}
