import { type Finding, PluginError } from "../contract.js";
import type { CallServer } from "./call-server.js";
import { serverVersion } from "./wire.js";

/** Which release answers; a server in front may keep that to itself, which does no harm. */
export async function versionFinding(product: string, call: CallServer, signal: AbortSignal): Promise<Finding> {
  const version = await askForVersion(call, signal);
  return version === null
    ? { severity: "info", code: "VERSION_UNKNOWN", message: `${product} does not tell its version.` }
    : { severity: "info", code: "SERVER_VERSION", message: `${product} ${version} answers.` };
}

async function askForVersion(call: CallServer, signal: AbortSignal): Promise<string | null> {
  try {
    const { json } = await call({ method: "GET", path: "/version" }, signal);
    return serverVersion.safeParse(json).data?.version.slice(0, 100) ?? null;
  } catch (error) {
    if (error instanceof PluginError && error.kind !== "transient") return null;
    throw error;
  }
}
