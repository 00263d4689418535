import { type Dialect, folded, parseFilter as parse, type Row, type Value } from "../../odata/filter.js";
import { ODataError } from "./odata-error.js";

export type { Row } from "../../odata/filter.js";

/** The three functions on text, which are compared as the site's database does. Properties have any case on the wmi route. */
const DIALECT: Dialect = {
  functions: {
    startswith: (_row, text: Value, part: Value) => folded(text).startsWith(folded(part)),
    endswith: (_row, text: Value, part: Value) => folded(text).endsWith(folded(part)),
    contains: (_row, text: Value, part: Value) => folded(text).includes(folded(part)),
  },
  anyCase: true,
  refuse: (text) => new ODataError(400, `The query specified in the URI is not valid. Syntax error in '${text}'.`),
};

/** @throws ODataError 400 for what it does not understand. */
export function parseFilter(text: string): (row: Row) => boolean {
  return parse(text, DIALECT);
}
