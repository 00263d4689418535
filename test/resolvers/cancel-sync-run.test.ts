import { afterAll, beforeAll, expect, test } from "vitest";
import { SyncPhase, SyncRunState } from "../../src/entities/sync-run.js";
import { SampleRows } from "../http/sample-rows.js";
import { startApi, type TestApi } from "../http/start-api.js";

let api: TestApi;
let rows: SampleRows;
beforeAll(async () => {
  api = await startApi();
  rows = new SampleRows(api.dataSource);
});
afterAll(() => api.close());

const CANCEL = `mutation ($input: CancelSyncRunInput!) {
  cancelSyncRun(input: $input) { syncRun { id state endedAt } }
}`;
const cancel = (syncRun: string, idempotencyKey?: string) => api.ask(CANCEL, { input: { syncRun, idempotencyKey } });
const stored = (id: string) => api.dataSource.query("SELECT * FROM sync_run WHERE id = $1", [id]);
const answersKept = async () => (await api.dataSource.query("SELECT * FROM mutation_answer")).length;

test("cancelSyncRun stops a run under way, and the same request again gets the same answer", async () => {
  const underWay = { state: SyncRunState.RUNNING, phase: SyncPhase.USERS, endedAt: null };
  const run = await rows.syncRun(await rows.token(), underWay);
  const first = await cancel(run.globalId, "stop-it");
  expect(first).toMatchObject({
    errors: [],
    data: { cancelSyncRun: { syncRun: { id: run.globalId, state: "CANCELLED", endedAt: expect.any(String) } } },
  });
  expect(await cancel(run.globalId, "stop-it")).toEqual(first);
});

test("cancelSyncRun refuses a run that has ended, and writes nothing", async () => {
  const run = await rows.syncRun(await rows.token());
  const [before, answers] = [await stored(run.id), await answersKept()];
  const refused = await cancel(run.globalId, "too-late");
  expect(refused).toMatchObject({ data: null, errors: [{ extensions: { code: "CONFLICT" } }] });
  expect([await stored(run.id), await answersKept()]).toEqual([before, answers]);
});

test("cancelSyncRun knows no run by another thing's id, and writes nothing", async () => {
  const token = await rows.token();
  const answers = await answersKept();
  expect(await cancel(token.globalId, "no-run")).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  expect(await answersKept()).toBe(answers);
});
