import { InstallationState as S } from "../../entities/installation.js";

/**
 * Where an installation goes on that is to have its app (again): with a licence, or where the product claims licences
 * itself (mirrored), the target is told; without one it is requested first.
 */
export function installAgain({ licenseId, mirrored }: { licenseId: string | null; mirrored: boolean }): S {
  return mirrored || licenseId !== null ? S.LICENSED : S.REQUESTED;
}
