import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LicenseCause, LicenseState } from "../../src/entities/license.js";
import { MOMENT } from "../http/sample-rows.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

describe("licence events", () => {
  test("tell the start and the end of each holding with cause and actor, the newest first, page by page", async () => {
    const storeApp = await api.rows.storeApp(await api.rows.token());
    const at = (minutes: number) => new Date(MOMENT.getTime() + minutes * 60_000);
    await api.rows.license(storeApp, { holderKey: "first", startedAt: at(0) });
    const ended = { state: LicenseState.ENDED, endCause: LicenseCause.DEPLOYMENT, endActor: "admin" };
    await api.rows.license(storeApp, { holderKey: "second", startedAt: at(1), endedAt: at(3), ...ended });
    await api.rows.license(storeApp, { holderKey: "third", startedAt: at(2), endedAt: at(2), ...ended });
    const QUERY = `query ($storeApp: ID, $after: String) {
      licenseEvents(first: 2, after: $after, filter: { storeApp: $storeApp }) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { kind at cause actor license { holderKey } } }
      }
    }`;
    type Events = {
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
      edges: { node: { kind: string; at: string; cause: string; actor: string; license: { holderKey: string } } }[];
    };
    const told: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { licenseEvents } = (await api.read(QUERY, { storeApp: storeApp.globalId, after })) as {
        licenseEvents: Events;
      };
      expect(licenseEvents.totalCount).toBe(5);
      told.push(
        ...licenseEvents.edges.map(({ node }) => `${node.license.holderKey} ${node.kind} ${node.cause} ${node.actor}`),
      );
      after = licenseEvents.pageInfo.endCursor;
      more = licenseEvents.pageInfo.hasNextPage;
    }
    expect(told).toEqual([
      "second ENDED DEPLOYMENT admin",
      "third ENDED DEPLOYMENT admin",
      "third STARTED SYNC apple",
      "second STARTED SYNC apple",
      "first STARTED SYNC apple",
    ]);
  });

  test("are found by cause and time, and each has the cause and the actor of its own end", async () => {
    const token = await api.rows.token();
    const storeApp = await api.rows.storeApp(token);
    const at = (minutes: number) => new Date(MOMENT.getTime() + minutes * 60_000);
    const start = { startCause: LicenseCause.DEPLOYMENT, startActor: "admin", startedAt: at(0) };
    const end = { endCause: LicenseCause.EXTERNAL, endActor: "apple", endedAt: at(2), state: LicenseState.ENDED };
    await api.rows.license(storeApp, { ...start, ...end });
    await api.rows.license(storeApp, { startedAt: at(1) });
    const QUERY = `query ($filter: LicenseEventFilter) {
      licenseEvents(filter: $filter) { totalCount nodes { kind cause actor } }
    }`;
    const list = async (filter: object) =>
      ((await api.read(QUERY, { filter: { token: token.globalId, ...filter } })) as { licenseEvents: unknown })
        .licenseEvents;
    const [started, ended, found] = [
      { kind: "STARTED", cause: "DEPLOYMENT", actor: "admin" },
      { kind: "ENDED", cause: "EXTERNAL", actor: "apple" },
      { kind: "STARTED", cause: "SYNC", actor: "apple" },
    ];
    expect(await list({})).toEqual({ totalCount: 3, nodes: [ended, found, started] });
    expect(await list({ cause: ["EXTERNAL"] })).toEqual({ totalCount: 1, nodes: [ended] });
    expect(await list({ cause: ["DEPLOYMENT", "SYNC"] })).toEqual({ totalCount: 2, nodes: [found, started] });
    expect(await list({ since: at(1), before: at(2) })).toEqual({ totalCount: 1, nodes: [found] });
    expect(await list({ kind: "ENDED", cause: ["SYNC"] })).toEqual({ totalCount: 0, nodes: [] });
  });
});
