import {
  type GraphQLEnumType,
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isScalarType,
} from "graphql";
import { FAIL_SQL, type Json, quote } from "./json-text.js";
import type { Sql } from "./template.js";
import { Unserved } from "./unserved.js";

/** As `Date.toISOString` writes it. */
const MOMENT_FORMAT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

export function momentSql(expression: string): string {
  return MOMENT.open + expression + MOMENT.close;
}

/** What stands around the SQL of a value, so that it gives its text; and whether quotes stand around that. */
interface Frame {
  readonly open: string;
  readonly close: string;
  readonly quoted?: true;
}

/**
 * The JSON text of a scalar, an enum or a list of them, as the schema's types serialise it.
 * @param expression SQL of the value
 * @param mayBeNull whether SQL may give NULL: where the schema says that there is always a value, the statement then fails
 */
export function scalarJson(type: GraphQLOutputType, expression: Sql, mayBeNull: boolean): Json {
  const { open, close, quoted } = frameOf(getNullableType(type));
  const sql = [open, ...expression, close];
  if (!mayBeNull) return quoted ? ['"', { sql }, '"'] : [{ sql }];
  const whole = quoted ? [`'"' || `, ...sql, ` || '"'`] : ["(", ...sql, ")::text"];
  const otherwise = isNonNullType(type) ? FAIL_SQL : "'null'";
  return [{ sql: ["COALESCE(", ...whole, `, ${otherwise})`] }];
}

function frameOf(type: GraphQLOutputType): Frame {
  if (isEnumType(type)) return enumFrame(type);
  if (isListType(type)) return listFrame(getNullableType(type.ofType));
  const frame = isScalarType(type) ? FRAMES[type.name] : undefined;
  if (!frame) throw new Unserved(`a value of the type ${String(type)}`);
  return frame;
}

const PLAIN: Frame = { open: "(", close: ")" };
const TEXT: Frame = { open: "to_json(", close: ")" };
const CAST: Frame = { open: "(", close: ")::text" };
const MOMENT: Frame = { open: "to_char((", close: `) AT TIME ZONE 'UTC', ${MOMENT_FORMAT})`, quoted: true };

const FRAMES: Readonly<Record<string, Frame>> = {
  Boolean: CAST,
  DateTime: MOMENT,
  Float: PLAIN,
  ID: TEXT,
  Int: PLAIN,
  JSONObject: CAST,
  SafeInt: PLAIN,
  String: TEXT,
};

/** Arrays of texts, and of enums that are stored as they are named. */
function listFrame(item: GraphQLOutputType): Frame {
  const isText = isScalarType(item) && item.name === "String";
  if (isText || (isEnumType(item) && isStoredByName(item))) return TEXT;
  throw new Unserved(`a list of ${String(item)}`);
}

function isStoredByName(type: GraphQLEnumType): boolean {
  return type.getValues().every(({ name, value }) => name === value);
}

function enumFrame(type: GraphQLEnumType): Frame {
  if (isStoredByName(type)) return { ...PLAIN, quoted: true };
  const cases = type.getValues().map(({ name, value }) => `WHEN ${quote(String(value))} THEN ${quote(name)}`);
  return { open: "(CASE ", close: ` ${cases.join(" ")} END)`, quoted: true };
}
