/**
 * SQL for a global id, as `encodeGlobalId` makes it.
 * @param parts SQL of the parts of the primary key, in its order
 */
export function globalIdSql(type: string, ...parts: readonly [string, ...string[]]): string {
  const text = [`'${type}'`, ...parts].join(" || ':' || ");
  return `translate(rtrim(replace(encode(convert_to(${text}, 'UTF8'), 'base64'), E'\\n', ''), '='), '+/', '-_')`;
}
