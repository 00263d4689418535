import { licensesAtList } from "../../lists/licenses-at.js";
import { argumentsOf } from "../compilation.js";
import { connectionJson } from "../connection-json.js";
import { FAIL_SQL, textOf } from "../json-text.js";
import type { FieldJson } from "../shape.js";
import type { Late } from "../template.js";

/** The holdings at a past moment, unless the ledger does not reach back so far. */
export const licensesAt: FieldJson = (place) => {
  const args = argumentsOf(place);
  const isForgotten: Late = (call) => {
    const at = call.bind(args(call).at, "timestamptz");
    return `EXISTS (SELECT FROM service_identity WHERE ledger_since > ${at})`;
  };
  const connection = connectionJson(place, null, (call) => {
    const { at, filter, ...page } = args(call);
    return { list: licensesAtList, request: { ...page, filter: { ...(filter as object | null), at } } };
  });
  return [{ sql: ["CASE WHEN ", isForgotten, ` THEN ${FAIL_SQL} ELSE `, ...textOf(connection), " END"] }];
};
