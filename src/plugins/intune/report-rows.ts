import { parseMoment } from "./wire.js";

/** What a report says of an app on one device: `resultantAppState` and its detail by number. */
export interface ReportRow {
  readonly device: string;
  /** 99 for what the report does not say in a way that is known. */
  readonly state: number;
  readonly detail: number;
  /** Signed, as Intune shows it; 0 for none. */
  readonly errorCode: number;
  /** When Intune saw it; null where the report does not tell. */
  readonly at: Date | null;
}

const UNKNOWN_STATE = 99;

/** Some tenants number the states otherwise than the documentation does: the English text, where it is there, goes before. */
const TEXTS: Readonly<Record<string, number>> = {
  "not applicable": -1,
  installed: 1,
  failed: 2,
  "not installed": 3,
  "uninstall failed": 4,
  "install pending": 5,
  "pending install": 5,
  unknown: UNKNOWN_STATE,
};

/**
 * Reads rows by the names of their columns. A row may be shorter than the columns are many. Of several rows of one device, one
 * a user, the latest counts.
 */
export function readRows(columns: readonly string[], rows: readonly (readonly unknown[])[]): Map<string, ReportRow> {
  const found = new Map<string, ReportRow>();
  for (const values of rows) {
    const cell = (...names: string[]): unknown => {
      const candidates = names.map((name) => values[columns.indexOf(name)]);
      return candidates.find((value) => value !== undefined && value !== null && value !== "");
    };
    const row = readRow(cell);
    if (row === null) continue;
    const known = found.get(row.device);
    if (!known || (row.at?.getTime() ?? 0) >= (known.at?.getTime() ?? 0)) found.set(row.device, row);
  }
  return found;
}

function readRow(cell: (...names: string[]) => unknown): ReportRow | null {
  const device = cell("DeviceId");
  if (typeof device !== "string") return null;
  const text = String(cell("AppInstallState_loc", "InstallState_loc") ?? "")
    .trim()
    .toLowerCase();
  const state = cell("InstallState", "AppInstallState");
  return {
    device,
    state: TEXTS[text] ?? numberOf(state) ?? TEXTS[String(state).trim().toLowerCase()] ?? UNKNOWN_STATE,
    detail: numberOf(cell("InstallStateDetail", "AppInstallStateDetails")) ?? 0,
    errorCode: errorCodeOf(cell("ErrorCode"), cell("HexErrorCode")),
    at: parseMoment(String(cell("LastModifiedDateTime") ?? "")),
  };
}

function numberOf(value: unknown): number | null {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  return typeof value === "string" && /^-?\d{1,10}$/.test(value.trim()) ? Number(value) : null;
}

/** As signed 32 bits, whichever of the two is there. */
function errorCodeOf(code: unknown, hex: unknown): number {
  const number = numberOf(code) ?? (/^0x[0-9a-f]{1,8}$/i.test(String(hex)) ? Number(hex) : 0);
  return number | 0;
}
