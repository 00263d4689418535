import pg from "pg";

/** What the service's database holds, read behind its back. */
export interface OurSide {
  rows<Row extends pg.QueryResultRow>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export function ourSideOf(databaseUrl: string): OurSide {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 3, application_name: "soak" });
  // A dropped database ends sessions that are idle.
  pool.on("error", () => undefined);
  return {
    rows: async <Row extends pg.QueryResultRow>(text: string, parameters: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...parameters])).rows,
    close: () => pool.end(),
  };
}
