import { expect, test } from "vitest";
import { interpret, strongest } from "../../../src/plugins/configmgr/interpret.js";

const row = (
  EnforcementState: number | null,
  StatusType: number | null = null,
  AppStatusType: number | null = null,
) => ({
  MachineID: 1,
  StatusType,
  AppStatusType,
  EnforcementState,
});
const meaning = (...columns: Parameters<typeof row>) =>
  (["install", "uninstall"] as const).map((wish) => interpret(row(...columns), wish));
const states = (...columns: Parameters<typeof row>) => meaning(...columns).map(({ state }) => state);
const codes = (...columns: Parameters<typeof row>) => meaning(...columns).map(({ failure }) => failure?.code);

test("success is presence for an install and absence for a removal", () => {
  expect(states(1000, 1)).toEqual(["installed", "removed"]);
  expect(states(1001, 1)).toEqual(["installed", "removed"]);
  expect(states(null, 1)).toEqual(["installed", "removed"]);
});

test("a success that only one of the columns tells, or that was told beforehand, is none yet", () => {
  expect(states(1000, 2)).toEqual(["pending", "pending"]);
  expect(states(1002, 1)).toEqual(["pending", "pending"]);
  expect(states(1003, 1)).toEqual(["pending", "pending"]);
});

test.each(Array.from({ length: 21 }, (_, index) => 2000 + index))("%i is under way", (code) => {
  const expected = [2011, 2012, 2013, 2016].includes(code)
    ? "needs-user"
    : code === 2002 || code === 2007
      ? "installing"
      : "pending";
  expect(states(code, 2)[0]).toBe(expected);
});

test("requirements that are not met are no failure of the install", () => {
  expect(codes(3000, 3)).toEqual(["NOT_SUPPORTED", "NOT_SUPPORTED"]);
  expect(codes(3001, 3)).toEqual(["NOT_SUPPORTED", "NOT_SUPPORTED"]);
  expect(codes(5014, 5)).toEqual(["NOT_SUPPORTED", "NOT_SUPPORTED"]);
  expect(codes(null, 3)).toEqual(["NOT_SUPPORTED", "NOT_SUPPORTED"]);
});

test("5013 is that there is no licence, whatever the type says", () => {
  expect(codes(5013, 5)).toEqual(["NO_LICENSE", "NO_LICENSE"]);
  expect(codes(5013, null)).toEqual(["NO_LICENSE", "NO_LICENSE"]);
});

test("any other error is the install's or the removal's, with the code in its words", () => {
  for (const code of [5000, 5001, 5002, 5003, 5004, 5006, 5007, 5011, 5012, 5999]) {
    expect(codes(code, 5)).toEqual(["INSTALL_FAILED", "REMOVE_FAILED"]);
    expect(meaning(code, 5)[0]?.failure?.detail).toContain(String(code));
  }
  expect(codes(11, 5)).toEqual(["INSTALL_FAILED", "REMOVE_FAILED"]);
});

test("unknown is unknown", () => {
  expect(states(4000, 4)).toEqual(["unknown", "unknown"]);
  expect(states(null, null)).toEqual(["unknown", "unknown"]);
  expect(states(0, 4)).toEqual(["unknown", "unknown"]);
});

test("the second column of the type counts where the first is missing", () => {
  expect(states(0, null, 1)).toEqual(["installed", "removed"]);
  expect(states(0, null, 2)).toEqual(["pending", "pending"]);
});

test("of several deployment types of one device the one that applies counts", () => {
  const both = [row(3000, 3), row(1000, 1)].map((one) => interpret(one, "install"));
  expect(strongest(both).state).toBe("installed");
  expect(strongest([row(3001, 3), row(5002, 5)].map((one) => interpret(one, "install"))).failure?.code).toBe(
    "INSTALL_FAILED",
  );
  expect(strongest([]).state).toBe("pending");
});
