import { quote } from "../json-text.js";
import { lateValue } from "../objects.js";

/** When the schedule next reads a token; the rule is `nextSyncAt` in `sync/tokens`, which the tests hold this against. */
export const nextSyncAt = lateValue((row, { facts, bind }) => {
  const { nextTick, unread, silent, spreadMs, spreadFrom } = facts.schedule;
  const [now, next] = [facts.now(), nextTick()].map((moment) => bind(moment, "timestamptz"));
  const hash = `('x' || left(encode(sha256(convert_to('slot:' || ${row}.id, 'UTF8')), 'hex'), 8))::bit(32)::bigint`;
  const delay = `CASE WHEN (SELECT count(*) FROM token) < ${spreadFrom} THEN 0
    ELSE trunc(${hash} / 4294967296::float8 * ${spreadMs}::float8)::bigint END * interval '1 millisecond'`;
  const last = "(SELECT taken_at FROM schedule_slot WHERE schedule = 'sync' ORDER BY slot DESC LIMIT 1)";
  return `CASE WHEN ${row}.removing_at IS NULL AND ${row}.health_state <> ALL(ARRAY[${unread.map(quote).join(", ")}])
      AND (${row}.authority = 'TARGET' OR ${row}.health_state <> ALL(ARRAY[${silent.map(quote).join(", ")}]))
    THEN (SELECT CASE WHEN slot.present > ${now} THEN slot.present ELSE ${next} + slot.delay END
          FROM (SELECT ${last} + ${delay} AS present, ${delay} AS delay) AS slot) END`;
});
