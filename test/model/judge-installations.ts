import type { Deployment } from "./deployment.js";
import { isCovered, isServed, isStubborn, obstacle, wishesFor } from "./needs.js";
import type { InstallationSeen, Seen } from "./seen.js";
import type { World } from "./world.js";

const INSTALL_ENDS = new Set(["INSTALLED", "WAITING_FOR_LICENSE", "WAITING_FOR_USER", "NOT_APPLICABLE"]);
const UNINSTALL_ENDS = new Set(["REMOVED", "CANCELLED", "SUPERSEDED", "NOT_APPLICABLE"]);
const OVER = new Set(["REMOVED", "CANCELLED", "SUPERSEDED"]);
const UNDER_WAY = new Set(["REQUESTED", "CLAIMING", "LICENSED", "RETURNING"]);

/** Each member of each deployment is one row that says what has become of it, and says it truly. */
export function judgeInstallations(world: World, seen: Seen): string[] {
  const faults: string[] = [];
  for (const deployment of world.deployments) {
    if (deployment.deleted) continue;
    const all = seen.ours.installations.filter(
      ({ app, collection }) => app === deployment.app && collection === deployment.collection,
    );
    const rows = all.filter(({ left }) => !left);
    for (const device of world.reached(deployment.collection)) {
      if (world.devices.get(device)?.state !== "enrolled") continue;
      const row = rows.find((one) => one.device === device);
      const name = `${deployment.action} of ${deployment.app} for ${deployment.collection}`;
      const isMissing = !row && !staysWithoutUser(world, deployment, all, device);
      if (isMissing && deployment.action === "INSTALL") faults.push(`${name} has no row for ${device}`);
      const fault = row && !isStubborn(world, device) ? faultOf(world, seen, deployment.action, row) : null;
      if (fault) faults.push(`${name}: ${device} ${fault}`);
    }
  }
  return [...faults, ...judgeSharing(seen)];
}

/**
 * A device that has lost its user has left, and the app stays: another deployment has it stay, and the removal is still to
 * come, or this one leaves it there under KEEP.
 */
function staysWithoutUser(
  world: World,
  { licensing, onLeave }: Deployment,
  rows: readonly InstallationSeen[],
  device: string,
): boolean {
  if (licensing === "DEVICE" || world.devices.get(device)?.user !== null) return false;
  const row = rows.find((one) => one.device === device);
  if (row?.state === "INSTALLED") return onLeave === "KEEP";
  return row?.state === "SUPERSEDED" && row.reason === "KEPT_BY_INSTALL";
}

function faultOf(world: World, seen: Seen, action: "INSTALL" | "UNINSTALL", row: InstallationSeen): string | null {
  const { app, state, reason } = row;
  const device = row.device ?? "";
  const shown = `is ${state} ${reason ?? ""}`.trim();
  if (action === "UNINSTALL") return UNINSTALL_ENDS.has(state) ? null : shown;
  if (!INSTALL_ENDS.has(state)) return shown;
  const isOnDevice = seen.mdm.installed.some((one) => one.app === app && one.device === device);
  const covered = isCovered(world, seen.apple.licenses, app, device);
  if (state === "INSTALLED") return isOnDevice && covered ? null : `${shown}, without the app or without a licence`;
  const isAlone = wishesFor(world, app, device).length === 1 && obstacle(world, app, device) === null;
  if (isAlone && isServed(world, seen.apple.licenses, app, device)) return `${shown}, with a licence`;
  return null;
}

/** One need, one licence: all installations of one app on one device that use any use the same. */
function judgeSharing({ ours: { installations } }: Seen): string[] {
  const used = new Map<string, Set<string>>();
  for (const { app, device, license, left, state } of installations) {
    if (UNDER_WAY.has(state) && !left) return [`${app} on ${device} is still ${state}`];
    if (license === null || device === null || OVER.has(state)) continue;
    const need = `${app} on ${device}`;
    used.set(need, (used.get(need) ?? new Set()).add(license));
  }
  return [...used].filter(([, licenses]) => licenses.size > 1).map(([need]) => `${need} uses two licences`);
}
