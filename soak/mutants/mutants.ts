/** One rule of design.md, section 3, broken on purpose: texts of the code, each there exactly once, and what they become. */
export interface Mutant {
  /** The rule's number in section 3. */
  readonly rule: number;
  /** What the code does wrong now. */
  readonly fault: string;
  readonly changes: readonly Change[];
}

export interface Change {
  /** From the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly becomes: string;
}

/** The rules that a history can break; the ninth and the twelfth are about how code is written. */
export const MUTANTS: readonly Mutant[] = [
  {
    rule: 1,
    fault: "What follows of an operation is not added with its outcome, and nobody looks after it",
    changes: [
      {
        file: "src/sync/licenses/settle-operation.ts",
        text: `  await addJob(tx, "advance-installations", { tokenId: operation.tokenId });\n`,
        becomes: "",
      },
      {
        file: "src/sync/deployments/tokens-to-advance.ts",
        text: "i.state = 'CLAIMING' AND license.assigned_at <= $1",
        becomes: "false",
      },
    ],
  },
  {
    rule: 2,
    fault: "A lost answer is taken for a yes",
    changes: [
      {
        file: "src/sync/licenses/look-up-operation.ts",
        text: "judge(operation, holder, isSo(holder))",
        becomes: "judge(operation, holder, isSo(holder) || true)",
      },
    ],
  },
  {
    rule: 3,
    fault: "What one page lacks is gone, though the page is older than what we know, and a second read shows it",
    changes: [
      {
        file: "src/sync/tokens/run/compare-holdings.ts",
        text: " AND license.operation_id IS NULL\n     AND (license.proven_at IS NULL OR license.proven_at < ",
        becomes: " AND (true OR license.proven_at < ",
      },
      {
        file: "src/sync/tokens/run/compare-holdings.ts",
        text: "license.holder_key, $2, false",
        becomes: "license.holder_key, $2, true",
      },
      {
        file: "src/sync/tokens/run/compare-holdings.ts",
        text: `WHERE \${isSameHolding("missed")}`,
        becomes: `WHERE NOT missed.twice AND \${isSameHolding("missed")}`,
      },
    ],
  },
  {
    rule: 4,
    fault: "Claims are bounded by what was bought, not by what is free",
    changes: [
      {
        file: "src/entities/store-app.ts",
        text: `\${app}.total_count - \${app}.retired_count - \${app}.held_count`,
        becomes: `\${app}.total_count`,
      },
      {
        file: "src/entities/store-app.ts",
        text: `\${app}.retired_count), \${app}.available_count), 0)`,
        becomes: `\${app}.retired_count), \${app}.total_count), 0)`,
      },
    ],
  },
  {
    rule: 5,
    fault: "A licence goes back with the first installation that does not want it, not with the last",
    changes: [
      {
        file: "src/sync/deployments/release-licenses.ts",
        text: "[tokenId, licenseIds, USING_STATES]",
        becomes: "[tokenId, licenseIds, USING_STATES.slice(USING_STATES.length)]",
      },
    ],
  },
  {
    rule: 6,
    fault: "A listing that has lost nearly everybody is believed",
    changes: [
      {
        file: "src/sync/holders/shrink-guard.ts",
        text: "return lost > FREE_LOSS && lost > before * FREE_PART;",
        becomes: "return lost > FREE_LOSS + before && lost > before * FREE_PART;",
      },
    ],
  },
  {
    rule: 7,
    fault: "Apps are removed whose licence could not return, since the token is frozen",
    changes: [
      {
        file: "src/queries/hindrances-sql.ts",
        text: "OR token.health_state IN ('ACTIVE', 'EXPIRING')",
        becomes: "OR true",
      },
    ],
  },
  {
    rule: 8,
    fault: "Apple is asked inside a transaction",
    changes: [
      {
        file: "src/sync/licenses/send-operation.ts",
        text: "await post(core, access, operation, holders)",
        becomes: "await core.dataSource.transaction(() => post(core, access, operation, holders))",
      },
    ],
  },
  {
    rule: 10,
    fault: "An install that the device never tells of is waited for without end",
    changes: [{ file: "src/sync/deployments/transitions.ts", text: "  INSTALLING: 7 * DAY,\n", becomes: "" }],
  },
  {
    rule: 11,
    fault: "One person whom Apple refuses fails all others of the request",
    changes: [
      {
        file: "src/sync/licenses/settle-registrations.ts",
        text: `  await setStatus(tx, operation, failed, AppleUserStatus.REFUSED, settlement.provenAt);
  await writeMade(tx, operation, done, settlement);`,
        becomes: `  if (failed.length > 0) return setStatus(tx, operation, [...failed, ...done], AppleUserStatus.REFUSED, settlement.provenAt);
  await writeMade(tx, operation, done, settlement);`,
      },
    ],
  },
];
