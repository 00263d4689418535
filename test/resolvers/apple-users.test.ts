import { afterAll, beforeAll, expect, test } from "vitest";
import { AppleUserStatus } from "../../src/entities/apple-user.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

test("registrations are found by how far they have come, those of strangers too", async () => {
  const token = await api.rows.token();
  const user = await api.rows.user({ displayName: "Invited" });
  const invitationUrl = "https://apps.example.com/invitation";
  await api.rows.appleUser(token, { userId: user.id, status: AppleUserStatus.REGISTERED, invitationUrl });
  await api.rows.appleUser(token, { clientUserId: "a-stranger" });
  const QUERY = `query ($filter: AppleUserFilter) {
    appleUsers(filter: $filter) { nodes { id clientUserId status invitationUrl user { displayName } } }
  }`;
  type Answer = { appleUsers: { nodes: { id: string }[] } };
  const list = async (filter: object) =>
    (await api.read(QUERY, { filter: { token: token.globalId, ...filter } })) as Answer;
  const invited = await list({ status: ["REGISTERED"] });
  expect(invited.appleUsers.nodes).toMatchObject([{ invitationUrl, user: { displayName: "Invited" } }]);
  expect((await list({ known: false })).appleUsers.nodes).toMatchObject([{ clientUserId: "a-stranger", user: null }]);
  expect((await list({ user: user.globalId })).appleUsers.nodes).toHaveLength(1);
  const id = invited.appleUsers.nodes[0]?.id;
  expect(await api.read("query ($id: ID!) { appleUser(id: $id) { id } }", { id })).toEqual({ appleUser: { id } });
});
