import type { DataSource } from "typeorm";
import { type License, LicenseState } from "../../entities/license.js";
import { AppError } from "../../errors.js";
import type { Condition } from "../conditions.js";
import type { List } from "../list.js";
import { row } from "../sql.js";
import { licenseList } from "./licenses.js";

interface LicensesAtFilter {
  readonly at: Date;
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly holderKind?: string | null;
  readonly device?: string | null;
  readonly user?: string | null;
}

const { token, storeApp, holderKind, device, user } = licenseList.filters;

/** The holdings at a past moment: rows are never rewritten, so that is a question of when they started and ended. */
export const licensesAtList: List<License, LicensesAtFilter, never> = {
  ...licenseList,
  name: "licensesAtList",
  filters: { at: heldAt, token, storeApp, holderKind, device, user },
  orders: {},
};

/** What Apple refused was set aside for a while, and never held; unless it was held before, given up, and claimed anew. */
function heldAt(at: Date): Condition {
  return {
    sql: (bind) => {
      const moment = bind(at, "timestamptz");
      return `item.started_at <= ${moment} AND (item.ended_at IS NULL OR item.ended_at > ${moment}) 
        AND (item.state <> '${LicenseState.REFUSED}' OR item.assigned_at IS NOT NULL)`;
    },
    fixes: [],
  };
}

/** @throws AppError INVALID_INPUT for a moment whose endings were purged: the answer would lack them. */
export async function requireKeptLedger(db: DataSource, at: Date): Promise<void> {
  const identity = await row<{ since: Date | null }>(db, "SELECT ledger_since AS since FROM service_identity");
  if (!identity?.since || at >= identity.since) return;
  throw new AppError(
    "INVALID_INPUT",
    "What ended before `ledgerSince` was purged: nobody knows any more who held what before. Ask for a later moment.",
    { ledgerSince: identity.since.toISOString() },
  );
}
