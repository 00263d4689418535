import { APNS_SENTENCES, APNS_WARNING_MS } from "../../../entities/apns-finding.js";
import { AWAITS_TARGET } from "../../../entities/installation.js";
import { quote } from "../json-text.js";
import { objectOf, value } from "../objects.js";
import { sentenceSql } from "../sentence-sql.js";
import type { Shape } from "../shape.js";
import type { Call } from "../template.js";

const fields: Shape["fields"] = {
  code: value((row) => `${row}.code`),
  message: value((row) => `${row}.message`),
  remedy: value((row) => `${row}.remedy`),
  severity: value((row) => `${row}.severity`),
};

/** What is to be said of a target's APNs certificate now. */
export const apnsFinding = objectOf((row, call) => findingSql(row, call), fields);

/** Why an installation's target cannot act now, while it waits for that. */
export const targetFinding = objectOf((row, call) => {
  const states = AWAITS_TARGET.map(quote).join(", ");
  return `SELECT finding.* FROM target its CROSS JOIN LATERAL (${findingSql("its", call)}) AS finding
          WHERE its.id = ${row}.target_id AND ${row}.state IN (${states}) AND finding.severity = 'error'`;
}, fields);

function findingSql(target: string, { facts, bind }: Call): string {
  const now = bind(facts.now(), "timestamptz");
  const expires = `${target}.apns_expires_at`;
  const day = `COALESCE(to_char(${expires} AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '')`;
  const known = Object.entries(APNS_SENTENCES).map(([code, { severity, message, remedy }]) => {
    const dated = sentenceSql(message, `${target}.name`, day);
    const undated = sentenceSql((name) => message(name ?? "", ""), `${target}.name`);
    const text = `CASE WHEN ${expires} IS NULL THEN ${undated} ELSE ${dated} END`;
    return `(${quote(code)}, ${quote(severity)}, ${text}, ${quote(remedy)})`;
  });
  return `SELECT finding.* FROM (VALUES ${known.join(", ")}) AS finding(code, severity, message, remedy)
    WHERE finding.code = CASE WHEN ${target}.apns_state = 'MISSING' THEN 'APNS_MISSING'
      WHEN ${target}.apns_state = 'EXPIRED' OR ${expires} <= ${now} THEN 'APNS_EXPIRED'
      WHEN ${expires} <= ${now} + interval '${APNS_WARNING_MS / 1000} seconds' THEN 'APNS_EXPIRES' END`;
}
