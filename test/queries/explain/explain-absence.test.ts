import { expect, it } from "vitest";
import { type AbsenceFacts, explainAbsence } from "../../../src/queries/explain/explain-absence.js";

const facts: AbsenceFacts = {
  whom: "the device C02X",
  isKnown: true,
  app: "Keynote",
  deployments: [{ collection: "Year 7", target: "Campus MDM", createdAt: new Date(0) }],
  joining: null,
};

it.each([
  ["no target tells of the device", { isKnown: false }, "UNKNOWN_DEVICE", "ADMIN"],
  ["the app is not deployed", { deployments: [] }, "NOT_DEPLOYED", "ADMIN"],
  ["it belongs to no collection of a deployment", {}, "NOT_A_MEMBER", "ADMIN"],
  ["it has just joined one", { joining: "Year 7" }, "JOINING", "ALLOTMENT"],
] as const)("says that %s", (_, changes, cause, whoHasToAct) => {
  expect(explainAbsence({ ...facts, ...changes })).toEqual([expect.objectContaining({ cause, whoHasToAct })]);
});

it("names the collections that the app is deployed to", () => {
  expect(explainAbsence(facts)[0]?.evidence).toContain('"Year 7" through Campus MDM');
});
