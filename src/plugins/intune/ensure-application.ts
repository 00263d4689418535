import { type AppRef, PluginError } from "../contract.js";
import { writeAppHandle } from "./handle.js";
import type { VppApps } from "./licenses/vpp-apps.js";
import type { MobileApp } from "./wire.js";

/**
 * Finds the app's objects: Intune makes them by itself when it reads a token.
 * @throws PluginError `rejected` when there is none, `transient` while Intune has not published it.
 */
export async function ensureApplication(
  apps: VppApps,
  { adamId, name, tokenExternalId }: Omit<AppRef, "applicationHandle">,
  signal: AbortSignal,
): Promise<{ readonly handle: string }> {
  if (tokenExternalId === null) throw new PluginError("internal", `The app "${name}" is of no token of Intune's.`);
  const found = (await apps.ofToken(tokenExternalId, signal)).find((app) => app.adamId === adamId);
  if (!found) {
    throw new PluginError(
      "rejected",
      `Intune does not have the app "${name}" (${adamId}) of this VPP token: synchronise the token.`,
    );
  }
  const usable = { ios: published(found.ios), mac: published(found.mac) };
  if (usable.ios === null && usable.mac === null) {
    throw new PluginError(
      "transient",
      `Intune has not published the app "${name}" yet, and only then can it be assigned.`,
    );
  }
  return { handle: writeAppHandle(usable) };
}

function published(app: MobileApp | null): string | null {
  return app && (app.publishingState ?? "published") === "published" ? app.id : null;
}
