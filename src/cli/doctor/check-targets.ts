import type { ClientBase } from "pg";
import { ApnsState, type Target } from "../../entities/target.js";
import { CircuitState, circuitOf } from "../../entities/target-circuit.js";
import { type Finding, failure, ok, skipped, warning } from "./finding.js";

const CHECK = "targets";
const CHECK_IT = "Run checkTarget in the Playground.";
const APNS_REMEDY = "Renew it at Apple with the Apple Account that made it, and upload it to the MDM.";

type SeenTarget = Pick<
  Target,
  | "name"
  | "plugin"
  | "apnsState"
  | "findings"
  | "checkedAt"
  | "importError"
  | "failures"
  | "openedAt"
  | "pausedUntil"
  | "lastError"
  | "lastFailedAt"
>;

const TARGETS_SQL = `
  SELECT name, plugin, apns_state AS "apnsState", findings, checked_at AS "checkedAt", import_error AS "importError",
         failures, opened_at AS "openedAt", paused_until AS "pausedUntil", last_error AS "lastError",
         last_failed_at AS "lastFailedAt" FROM target ORDER BY name`;

/** How each target was when the service last had to do with it. Nothing is asked of it: that is the service's matter. */
export async function checkTargets(client: ClientBase, plugins: ReadonlySet<string>): Promise<Finding[]> {
  const { rows } = await client.query<SeenTarget>(TARGETS_SQL);
  if (rows.length === 0) return [skipped(CHECK, "There are none yet: add one with addTarget.")];
  return rows.flatMap((target) => {
    const troubles = troublesOf(target, plugins);
    if (troubles.length > 0) return troubles;
    return [ok(CHECK, `"${target.name}" answers; it was last checked at ${target.checkedAt?.toISOString()}.`)];
  });
}

function troublesOf(target: SeenTarget, plugins: ReadonlySet<string>): Finding[] {
  const { name, plugin, checkedAt, importError, findings } = target;
  const told = `"${name}"`;
  return [
    ...(plugins.has(plugin)
      ? []
      : [failure(CHECK, `${told} was made by the plugin "${plugin}".`, "Name that plugin in ALLOTMENT_PLUGINS.")]),
    ...circuitTrouble(target),
    ...(checkedAt === null ? [warning(CHECK, `${told} was never checked.`, CHECK_IT)] : []),
    ...apnsTrouble(target),
    ...(importError === null
      ? []
      : [failure(CHECK, `${told}: users and devices could not be imported: ${importError}`, CHECK_IT)]),
    ...findings
      .filter(({ severity }) => severity !== "info")
      .map(({ severity, code, message, remedy }) =>
        (severity === "error" ? failure : warning)(CHECK, `${told}: ${message} (${code})`, remedy ?? CHECK_IT),
      ),
  ];
}

function circuitTrouble(target: SeenTarget): Finding[] {
  const circuit = circuitOf(target, new Date());
  if (circuit.state === CircuitState.CLOSED) return [];
  const now =
    circuit.state === CircuitState.OPEN ? `left alone until ${circuit.until?.toISOString()}` : "being tried again";
  return [
    failure(
      CHECK,
      `"${target.name}" is ${now}, since ${circuit.consecutiveFailures} calls failed: ${circuit.lastError}`,
      `Mend that; ${CHECK_IT.toLowerCase().replace(/\.$/, "")}, or wait: it is tried again by itself.`,
    ),
  ];
}

function apnsTrouble({ name, apnsState }: SeenTarget): Finding[] {
  if (apnsState === ApnsState.EXPIRED) {
    return [failure(CHECK, `"${name}": its Apple Push certificate has expired.`, APNS_REMEDY)];
  }
  if (apnsState !== ApnsState.MISSING) return [];
  return [failure(CHECK, `"${name}" has no Apple Push certificate.`, "Make one at Apple, and upload it to the MDM.")];
}
