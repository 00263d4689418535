import type { MobileApp, ReportRow } from "../model.js";
import { badRequest, notFound } from "../protocol/graph-error.js";
import type { World } from "../world.js";

type Language = "english" | "german";

const TEXTS: Readonly<Record<number, Readonly<Record<Language, string>>>> = {
  [-1]: { english: "Not applicable", german: "Nicht zutreffend" },
  1: { english: "Installed", german: "Installiert" },
  2: { english: "Failed", german: "Fehler" },
  3: { english: "Not installed", german: "Nicht installiert" },
  4: { english: "Uninstall failed", german: "Deinstallationsfehler" },
  5: { english: "Install Pending", german: "Installation ausstehend" },
};

/** The app that `(ApplicationId eq '…')` names. */
export function appOfFilter(world: World, filter: unknown): MobileApp {
  const id = /^\s*\(?\s*ApplicationId eq '([^']+)'\s*\)?\s*$/.exec(String(filter ?? ""))?.[1];
  if (id === undefined) throw badRequest("The filter must name one ApplicationId.");
  const app = world.apps.get(id);
  if (!app) throw notFound(`The mobile app '${id}'`);
  return app;
}

/** One row a device, by the name of the column. */
export function reportRows(world: World, app: MobileApp): Record<string, unknown>[] {
  return [...app.report].map(([deviceId, reported]) => {
    const device = world.devices.get(deviceId);
    const user = world.users.get(device?.userId ?? "");
    return {
      ApplicationId: app.id,
      DeviceId: deviceId,
      DeviceName: device?.deviceName ?? "",
      UserId: user?.id ?? "",
      UserPrincipalName: user?.userPrincipalName ?? "",
      UserName: user?.displayName ?? "",
      Platform: device?.operatingSystem ?? "",
      ...states(world, reported),
      ErrorCode: reported.errorCode,
      HexErrorCode: hex(reported.errorCode),
      LastModifiedDateTime: timeOf(world, reported.at),
      AppVersion: app.installed.has(deviceId) ? "1.0" : null,
      AssignmentFilterIdsExist: null,
      AssignmentFilterIdsList: null,
    };
  });
}

/** The same for an export, whose columns have one name each; states by number, or as texts in their place. */
export function exportRows(world: World, app: MobileApp, asTexts: boolean): Record<string, unknown>[] {
  return reportRows(world, app).map((row) => {
    const reported = app.report.get(String(row.DeviceId));
    const text = TEXTS[reported?.state ?? 99]?.english ?? "Unknown";
    return {
      ...row,
      AppInstallState: asTexts ? text : reported?.state,
      AppInstallStateDetails: asTexts ? "" : reported?.detail,
      AppInstallState_loc: text,
    };
  });
}

function states(world: World, { state, detail }: ReportRow): Record<string, unknown> {
  const { reportColumns, reportTexts } = world.switches;
  const [stateName, detailName] =
    reportColumns === "InstallState"
      ? ["InstallState", "InstallStateDetail"]
      : ["AppInstallState", "AppInstallStateDetails"];
  const texts =
    reportTexts === "none"
      ? {}
      : { AppInstallState_loc: TEXTS[state]?.[reportTexts] ?? "", AppInstallStateDetails_loc: "" };
  return { [stateName]: state, [detailName]: detail, ...texts };
}

function timeOf(world: World, at: number): string | null {
  const text = new Date(at).toISOString();
  if (world.switches.reportTimes === "none") return null;
  return world.switches.reportTimes === "utc" ? text : text.replace("T", " ").replace("Z", "0000");
}

function hex(code: number): string {
  return code === 0 ? "0x0" : `0x${(code >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
}
