import type { ProductType } from "../../../entities/store-app.js";
import { Token } from "../../../entities/token.js";
import { licenseTotalsSql } from "../../license-report.js";
import { storeAppList } from "../../lists/store-apps.js";
import { decodeNodeKey, missing } from "../../node-key.js";
import { argumentsOf, objectTypeOf } from "../compilation.js";
import { connectionJson } from "../connection-json.js";
import { FAIL_SQL, quote, textOf } from "../json-text.js";
import { lateValue, same, value } from "../objects.js";
import type { FieldJson, Shape } from "../shape.js";
import type { Call, Late } from "../template.js";

interface ReportArguments {
  readonly token?: string | null;
  readonly productType: ProductType;
}

/** The report, whose totals are read only when they are asked for. */
export const licenseReport: FieldJson = (place) => {
  const { compilation, nodes } = place;
  const type = objectTypeOf(place);
  const args = argumentsOf(place) as (call: Pick<Call, "variables">) => unknown as (call: Call) => ReportArguments;
  const totals = compilation.newAlias();
  const fields: Shape["fields"] = {
    productType: lateValue((_, call) => quote(args(call).productType)),
    asOf: value((row) => `${row}."asOf"`),
    totals: same,
    apps: (inner) => {
      const ofApps = argumentsOf(inner);
      return connectionJson(inner, null, (call) => {
        const { token, productType } = args(call);
        const request = ofApps(call);
        const filter = {
          ...(request.filter as object | null),
          productType,
          listed: true,
          ...(token != null && { token }),
        };
        return { list: storeAppList, request: { ...request, filter } };
      });
    },
  };
  const json = textOf(compilation.objectJson(type, nodes, totals, fields));
  const names = [...compilation.selected(type, nodes).values()].map(([node]) => node?.name.value ?? "");
  const needsTotals = names.some((name) => name === "totals" || name === "asOf");
  const totalsSql: Late = (call) => {
    const { token, productType } = args(call);
    const tokenId = token == null ? "NULL::uuid" : bindToken(call, token);
    const teams = call.teams === null ? "NULL::text[]" : call.bind(call.teams, "text[]");
    return ` FROM (${licenseTotalsSql(tokenId, quote(productType), teams)}) AS ${totals}`;
  };
  const alias = compilation.newAlias();
  const isThere: Late = (call) => {
    const { token } = args(call);
    if (token == null) return "true";
    const id = bindToken(call, token);
    const scope = compilation.inScope(Token, alias).map((part) => (typeof part === "string" ? part : part(call)));
    return `EXISTS (SELECT FROM token AS ${alias} WHERE ${alias}.id = ${id}${scope.join("")})`;
  };
  const report = ["(SELECT ", ...json, needsTotals ? totalsSql : "", ")"];
  return [{ sql: ["CASE WHEN ", isThere, " THEN ", ...report, ` ELSE ${FAIL_SQL} END`] }];
};

function bindToken(call: Call, token: string): string {
  return call.bind(decodeNodeKey(Token, token)?.[0] ?? missing(Token, token), "uuid");
}
