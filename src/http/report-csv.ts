import { type Stringifier, stringify } from "csv-stringify";

/** Named as in the API. */
const COLUMNS = [
  "name",
  "adamId",
  { key: "token.name", header: "token" },
  ...["bought", "assigned", "held", "free", "waiting", "retired", "unlimited", "countsAt"],
];

/**
 * Makes of the rows of `licenseReport`, as the API tells them, CSV of RFC 4180. What a spreadsheet would compute begins with an
 * apostrophe.
 * @param bom whether it begins with the mark that has Excel read it as UTF-8.
 */
export function reportCsv({ bom }: { readonly bom: boolean }): Stringifier {
  return stringify({
    header: true,
    columns: COLUMNS,
    record_delimiter: "windows",
    bom,
    escape_formulas: true,
    cast: { boolean: String },
  });
}
