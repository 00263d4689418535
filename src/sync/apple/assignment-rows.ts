import { z } from "zod";
import { DEFAULT_PRICING, KNOWN_PRICING } from "./pricing.js";
import { filledText, idOrNull, isStorableId, textOrNull } from "./wire-values.js";

/** One holding: exactly one of `clientUserId` and `serialNumber` is set. */
export interface AssignmentRow {
  readonly adamId: string;
  readonly pricingParam: string;
  readonly clientUserId: string | null;
  readonly serialNumber: string | null;
}

interface AssignmentRows {
  readonly rows: readonly AssignmentRow[];
  /** Of a kind this release does not know. */
  readonly skipped: number;
}

const assignment = z
  .object({
    adamId: filledText,
    pricingParam: textOrNull,
    clientUserId: idOrNull,
    serialNumber: idOrNull,
    // Not documented; a delta may mark what is gone in this way.
    removed: z.boolean().nullish(),
  })
  .refine((row) => (row.clientUserId === null) !== (row.serialNumber === null), {
    message: "needs either a clientUserId or a serialNumber",
  });

/**
 * The rows of a list of assignments, null where there is no list. A million of them come in one synchronisation, and the
 * schema costs ten times what reading their JSON does: rows as Apple documents them are taken as they are, and only others
 * are put to the schema, which also says what is wrong with them.
 */
export const assignmentRows = z.unknown().transform((list, context): AssignmentRows | null => {
  if (list === null || list === undefined) return null;
  if (!Array.isArray(list)) {
    context.addIssue({ code: "custom", message: "must be a list" });
    return z.NEVER;
  }
  const rows: AssignmentRow[] = [];
  let skipped = 0;
  for (let index = 0; index < list.length; index += 1) {
    const value: unknown = list[index];
    const documented = documentedRow(value);
    if (documented) {
      rows.push(documented);
      continue;
    }
    const checked = assignment.safeParse(value);
    if (!checked.success) {
      for (const { message, path } of checked.error.issues) {
        context.addIssue({ code: "custom", message, path: [index, ...path] });
      }
      return z.NEVER;
    }
    const { removed, ...row } = checked.data;
    const pricingParam = row.pricingParam ?? DEFAULT_PRICING;
    if (removed) continue;
    if (KNOWN_PRICING.has(pricingParam)) rows.push({ ...row, pricingParam });
    else skipped += 1;
  }
  return { rows, skipped };
});

/** The row, if nothing about it is unusual. */
function documentedRow(value: unknown): AssignmentRow | null {
  if (typeof value !== "object" || value === null) return null;
  const { adamId, pricingParam, clientUserId, serialNumber, removed } = value as Record<string, unknown>;
  if (!isFilled(adamId) || !isFilled(pricingParam) || !KNOWN_PRICING.has(pricingParam)) return null;
  if (removed !== undefined) return null;
  if (isFilled(serialNumber) && isMissing(clientUserId)) {
    return { adamId, pricingParam, clientUserId: null, serialNumber };
  }
  if (isFilled(clientUserId) && isMissing(serialNumber)) {
    return { adamId, pricingParam, clientUserId, serialNumber: null };
  }
  return null;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "" && isStorableId(value);
}
