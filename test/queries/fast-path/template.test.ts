import { expect, test } from "vitest";
import { type Call, Template } from "../../../src/queries/fast-path/template.js";

const nameOf = (sql: string) => new Template([sql], () => undefined).fill({} as Call).name;

test("a statement is named by its text, so that replicas that share a session mean the same by a name", () => {
  expect(nameOf("SELECT 1")).toBe(nameOf("SELECT 1"));
  expect(nameOf("SELECT 1")).not.toBe(nameOf("SELECT 2"));
  expect(nameOf("SELECT 1").length).toBeLessThanOrEqual(63);
});
