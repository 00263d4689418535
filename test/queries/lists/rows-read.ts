import type { DataSource } from "typeorm";
import type { Statement } from "../../support/record-statements.js";

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How many rows of tables PostgreSQL looks at to answer a statement, those included that it drops. */
export async function rowsRead(db: DataSource, { text, values }: Statement): Promise<number> {
  const [explained] = (await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...values])) as [
    { "QUERY PLAN": [{ Plan: PlanNode }] },
  ];
  return ofNode(explained["QUERY PLAN"][0].Plan);
}

function ofNode(node: PlanNode): number {
  const removed = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  const own = node["Relation Name"] === undefined ? 0 : (node["Actual Rows"] + removed) * node["Actual Loops"];
  return (node.Plans ?? []).reduce((sum, child) => sum + ofNode(child), own);
}
