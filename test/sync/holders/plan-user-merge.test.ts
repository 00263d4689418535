import { expect, test } from "vitest";
import type { UserRecord } from "../../../src/plugins/contract.js";
import { type KnownUsers, planUserMerge, type UserRow } from "../../../src/sync/holders/plan-user-merge.js";
import { userRecord } from "./scripted-listing.js";

function ids(): () => string {
  let last = 0;
  return () => `new-${++last}`;
}

function user(id: string, principalName: string | null, fields: Partial<UserRow> = {}): UserRow {
  return {
    id,
    principalName,
    displayName: null,
    email: null,
    managedAppleId: null,
    aliases: 1,
    homeAliasId: "1",
    ...fields,
  };
}

function knownAs(upn: string, users: UserRow[]): KnownUsers {
  return { users, aliases: [{ id: "1", externalId: "a", userId: users[0]?.id ?? "", upn }] };
}

test("a user whose record has not changed is not written", () => {
  const known = knownAs("a@x", [user("ours", "a@x", { displayName: "a" })]);
  const plan = planUserMerge([userRecord("a", { principalName: "a@x" })], known, ids());
  expect(plan).toEqual({ newUsers: [], changedUsers: [], newAliases: [], changedAliases: [], moves: [] });
});

test("sign-in names that differ only in case and spaces are one user", () => {
  const records = [userRecord("a", { principalName: "Ann@X" }), userRecord("b", { principalName: " ann@x" })];
  const plan = planUserMerge(records, { users: [], aliases: [] }, ids());
  expect(plan.newUsers.map(({ principalName }) => principalName)).toEqual(["ann@x"]);
  expect(plan.newAliases.map(({ userId }) => userId)).toEqual(["new-1", "new-1"]);
});

test("users without a sign-in name are never one user", () => {
  const records = [userRecord("a", { principalName: null }), userRecord("b", { principalName: "" })];
  expect(planUserMerge(records, { users: [], aliases: [] }, ids()).newUsers).toHaveLength(2);
});

test("a user who is renamed at the target stays the same user", () => {
  const plan = planUserMerge(
    [userRecord("a", { principalName: "new@x", displayName: null })],
    knownAs("old@x", [user("ours", "old@x")]),
    ids(),
  );
  expect(plan.changedUsers).toMatchObject([{ id: "ours", principalName: "new@x" }]);
  expect(plan.newUsers).toEqual([]);
});

test("a user who is renamed to the name of another becomes that one, and leaves no name behind", () => {
  const known = knownAs("bob@x", [user("bob", "bob@x"), user("robert", "robert@x", { homeAliasId: "2" })]);
  const plan = planUserMerge([userRecord("a", { principalName: "robert@x" })], known, ids());
  expect(plan.changedAliases).toMatchObject([{ userId: "robert", upn: "robert@x" }]);
  expect(plan.moves).toEqual([{ from: "bob", to: "robert" }]);
  expect(plan.changedUsers).toContainEqual(expect.objectContaining({ id: "bob", principalName: null }));
});

test("a target that repeats an older name does not undo the newer one of another target", () => {
  const known = knownAs("old@x", [user("ours", "new@x", { aliases: 2, homeAliasId: "2", displayName: "Ann" })]);
  const plan = planUserMerge([userRecord("a", { principalName: "old@x", displayName: "Other" })], known, ids());
  expect(plan.changedUsers).toEqual([]);
});

test("a second target fills what the first left empty and changes nothing else", () => {
  const known = { users: [user("ours", "a@x", { displayName: "Ann" })], aliases: [] };
  const plan = planUserMerge(
    [userRecord("z", { principalName: "a@x", displayName: "Other", managedAppleId: "ann@managed" })],
    known,
    ids(),
  );
  expect(plan.changedUsers).toMatchObject([{ displayName: "Ann", managedAppleId: "ann@managed" }]);
});

const people: Readonly<Record<string, string>> = { a: "ann@x", b: "bea@x" };

/** What the people of one target are called once it has listed these records, by its ids of them. */
function namesAfter(records: readonly UserRecord[]): Record<string, string | null> {
  const users = Object.entries(people).map(([id, name]) => user(id, name, { homeAliasId: id }));
  const aliases = Object.entries(people).map(([id, upn]) => ({ id, externalId: id, userId: id, upn }));
  const plan = planUserMerge(records, { users, aliases }, ids());
  const names = new Map([...users, ...plan.newUsers].map(({ id, principalName }) => [id, principalName]));
  const told = [...aliases, ...plan.newAliases].map(({ externalId, userId }) => [externalId, names.get(userId)]);
  return Object.fromEntries(told);
}

test.each<[string, Record<string, string>]>([
  ["one takes the name that another gives up", { a: "bea@x", b: "bea.old@x" }],
  ["two swap their names", { a: "bea@x", b: "ann@x" }],
  ["somebody new takes a name that is given up", { new: "ann@x", a: "ann.old@x", b: "bea@x" }],
])("people stay who they are when %s in one listing, whatever its order", (_, names) => {
  const records = Object.entries(names).map(([id, principalName]) => userRecord(id, { principalName }));
  expect(namesAfter(records)).toEqual(names);
  expect(namesAfter(records.toReversed())).toEqual(names);
});
