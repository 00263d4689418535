import type { Limits } from "../../src/http/limits/limits.js";
import { SampleRows } from "../http/sample-rows.js";
import { startApi, type TestApi } from "../http/start-api.js";

/** An API whose database is filled by hand. */
export interface SampleApi extends TestApi {
  readonly rows: SampleRows;
  /** What the API answers, without an error. */
  read(query: string, variables?: Record<string, unknown>): Promise<unknown>;
}

/** @param fastPath whether what one statement can answer is answered so. */
export async function startSampleApi(limits?: Limits, fastPath = true): Promise<SampleApi> {
  const api = await startApi(undefined, { ...(limits && { limits }), fastPath });
  return {
    ...api,
    rows: new SampleRows(api.dataSource),
    async read(query, variables = {}) {
      const { data, errors } = await api.ask(query, variables);
      if (errors && errors.length > 0) throw new Error(JSON.stringify(errors));
      return data;
    },
  };
}
