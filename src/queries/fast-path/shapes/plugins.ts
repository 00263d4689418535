import { type FieldNode, type GraphQLObjectType, getNullableType, isLeafType, isObjectType } from "graphql";
import { argumentsOf, type Compilation, objectTypeOf } from "../compilation.js";
import { FAIL_SQL, quote } from "../json-text.js";
import { lateValue } from "../objects.js";
import type { FieldJson, Place } from "../shape.js";
import type { Call } from "../template.js";
import { Unserved } from "../unserved.js";

type Known = Readonly<Record<string, unknown>>;

/** The plugins there are: the same for as long as the process runs. */
export const plugins: FieldJson = (place) => {
  const { compilation, nodes } = place;
  const type = objectTypeOf(place);
  const texts = compilation.facts.plugins.map((plugin) => knownText(compilation, type, nodes, plugin));
  return [`[${texts.join(",")}]`];
};

/** The plugin of the name in an argument; what is not there is an error. */
export const plugin: FieldJson = (place) => {
  const { compilation, nodes } = place;
  const type = objectTypeOf(place);
  const args = argumentsOf(place);
  const texts = new Map(
    compilation.facts.plugins.map((known) => [known.name, quote(knownText(compilation, type, nodes, known))]),
  );
  return [{ sql: [(call) => texts.get(String(args(call).name)) ?? FAIL_SQL] }];
};

/** What is known of a target's plugin. */
export const pluginInfo: FieldJson = (place) => {
  const { compilation, nodes, row } = place;
  const type = objectTypeOf(place);
  const cases = compilation.facts.plugins.map(
    (plugin) => `WHEN ${quote(plugin.name)} THEN ${quote(knownText(compilation, type, nodes, plugin))}`,
  );
  return [{ sql: [cases.length === 0 ? "'null'" : `CASE ${row}.plugin ${cases.join(" ")} ELSE 'null' END`] }];
};

/** A target's settings, without those that its plugin says are secret. */
export const settings = lateValue((row, call, { compilation }) => {
  const shown = compilation.facts.plugins.map(({ name, plainSettings }) => {
    const names = plainSettings.map(quote).join(", ");
    return `WHEN ${quote(name)} THEN (
      SELECT COALESCE(jsonb_object_agg(setting.key, setting.value), '{}') FROM jsonb_each(${row}.settings) AS setting
      WHERE setting.key = ANY(ARRAY[${names}]::text[]))`;
  });
  const known =
    shown.length === 0 ? `${row}.settings` : `CASE ${row}.plugin ${shown.join(" ")} ELSE ${row}.settings END`;
  return ifOwn(row, call, known, "jsonb");
});

/** Where a target's product may call us. */
export const webhookUrl = lateValue((row, call, { compilation }) => {
  const { publicUrl } = compilation.facts;
  const url = publicUrl === null ? "NULL" : `${quote(`${publicUrl}/targets/`)} || ${row}.id || '/webhook'`;
  return ifOwn(row, call, url, "text");
});

/** Of a target of another team, which is seen only since an app is there, an error is what is told. */
function ifOwn(row: string, { teams, bind }: Call, sql: string, type: string): string {
  if (teams === null) return sql;
  return `CASE WHEN ${row}.teams && ${bind(teams, "text[]")} THEN ${sql} ELSE (${FAIL_SQL})::${type} END`;
}

/** The text of an object that is known beforehand. */
function knownText(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  known: Known,
): string {
  const parts = [...compilation.selected(type, nodes)].map(([name, ofName]) => {
    const wanted = ofName[0]?.name.value ?? "";
    return `"${name}":${wanted === "__typename" ? `"${type.name}"` : fieldText(compilation, type, ofName, known)}`;
  });
  return `{${parts.join(",")}}`;
}

function fieldText(compilation: Compilation, type: GraphQLObjectType, nodes: Place["nodes"], known: Known): string {
  const name = nodes[0]?.name.value ?? "";
  const field = type.getFields()[name];
  const fieldType = field && getNullableType(field.type);
  if (!fieldType || !compilation.mayAccess(field)) throw new Unserved(`${type.name}.${name}`);
  const value = known[name] ?? null;
  if (isLeafType(fieldType)) return JSON.stringify(value === null ? null : fieldType.serialize(value));
  if (isObjectType(fieldType) && value !== null) return knownText(compilation, fieldType, nodes, value as Known);
  throw new Unserved(`${type.name}.${name}`);
}
