import { expect, test } from "vitest";
import { adamIdOf, serials, startCaller } from "./apple-caller.js";

test("a big location is paged without a gap or a repeat, as a whole and by app", async () => {
  const caller = await startCaller({ apps: 50, licenses: 60_000, assigned: 50_000, users: 100 });
  const seen = new Set<string>();
  for (let pageIndex = 0; pageIndex < 50; pageIndex += 1) {
    const { assignments = [], totalPages } = (await caller.get(`/assignments?pageIndex=${pageIndex}`)).body;
    expect(totalPages).toBe(50);
    for (const row of assignments) seen.add(JSON.stringify(row));
  }
  expect(seen.size).toBe(50_000);
  const first = (await caller.get("/assets")).body.assets?.[0];
  const ofFirst = (await caller.get(`/assignments?adamId=${first?.adamId}&pricingParam=STDQ`)).body;
  expect(ofFirst.totalPages).toBe(Math.ceil(Number(first?.assignedCount) / 1000));
});

test("text that JSON must escape arrives as it was sent", async () => {
  const caller = await startCaller();
  const strange = ['quote"d', "back\\slash", "ümläut", "line\nbreak", "\u{1f600}"];
  const assets = [{ adamId: adamIdOf(caller, 0) }];
  await caller.finish("/users/create", { users: [{ clientUserId: 'u"\\' }] });
  await caller.finish("/assets/associate", { assets, serialNumbers: strange, clientUserIds: ['u"\\'] });
  const rows = (await caller.get("/assignments?includeUserState=true")).body.assignments ?? [];
  expect(rows[0]).toMatchObject({ clientUserId: 'u"\\', userStatus: "Registered" });
  expect(rows.slice(1).map((row) => row.serialNumber)).toEqual(strange);
});

test("only so many requests are kept as the switch says, and none at zero", async () => {
  const caller = await startCaller({ switches: { keptRequests: 2 } });
  const { requests } = caller.simulator.world;
  for (const path of ["/users", "/assets", "/assignments"]) await caller.get(path);
  expect(requests.entries.map(({ path }) => path)).toEqual(["/mdm/v2/assets", "/mdm/v2/assignments"]);
  await caller.control("/switches", { keptRequests: 0 });
  await caller.get("/users");
  expect(requests.entries).toEqual([]);
});

test("the bodies of old requests make room for new ones", async () => {
  const caller = await startCaller({ switches: { eventDelayMs: 3_600_000 } });
  const { requests } = caller.simulator.world;
  for (let count = 0; count < 12; count += 1) requests.add("POST", `/${count}`, "x".repeat(5_000_000));
  expect(requests.entries.map(({ path }) => path)).toEqual(serials(10, "").map((_, index) => `/${index + 2}`));
});
