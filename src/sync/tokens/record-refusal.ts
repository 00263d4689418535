import type { AppleAccess } from "../apple/apple-client.js";
import type { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { changeHealth } from "./change-health.js";
import { holdsFile } from "./holds-file.js";
import { tokenErrorHealth } from "./token-access.js";

/**
 * Writes what an error of Apple's says of the token that was sent.
 * @returns "none" when it says nothing of the token; "outdated" when the token was renewed or removed since: then nothing is
 * written, and the same question with the new file may be answered.
 */
export async function recordRefusal(
  core: Core,
  access: AppleAccess,
  error: AppleError,
): Promise<"none" | "recorded" | "outdated"> {
  const health = tokenErrorHealth(error);
  if (!health) return "none";
  return core.dataSource.transaction(async (tx) => {
    if (!(await holdsFile(tx, access))) return "outdated";
    await changeHealth(tx, core, access.tokenId, health);
    return "recorded";
  });
}
