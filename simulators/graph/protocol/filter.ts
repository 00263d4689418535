import { type Dialect, folded, parseFilter as parse, type Row, type Value } from "../../odata/filter.js";
import { badRequest } from "./graph-error.js";

const DIALECT: Dialect = {
  functions: {
    startswith: (_row, text: Value, start: Value) => folded(text).startsWith(folded(start)),
    isof: (row, type: Value) => row["@odata.type"] === `#${type}`,
  },
  anyCase: false,
  refuse: (text) => badRequest(`Invalid filter clause: '${text}'.`),
};

/** @throws GraphError 400 for what it does not understand. */
export function parseFilter(text: string): (row: Row) => boolean {
  return parse(text, DIALECT);
}
