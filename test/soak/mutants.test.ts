import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { isRestless, RestlessError } from "../../soak/deployments/restless-error.js";
import { MUTANTS } from "../../soak/mutants/mutants.js";
import { readWrong } from "../../soak/mutants/play.js";

it("Ten rules of the design can be broken on purpose, each by itself", () => {
  expect(MUTANTS.map(({ rule }) => rule)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 11]);
});

it.each(MUTANTS)("Rule $rule can still be broken: each text of the code is there once", async ({ changes }) => {
  for (const { file, text, becomes } of changes) {
    const code = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
    expect(code.split(text), `${text} in ${file}`).toHaveLength(2);
    expect(becomes).not.toBe(text);
  }
});

it("Of the soak's words those are read that tell of wrong histories, with all that is wrong with each", () => {
  const words = [
    "history 3: right (15 actions, 0 kills)",
    "history 4: WRONG (15 actions, 0 kills)",
    "  Notes for device device1 is used by nobody",
    "  Waited in vain: It does not come to rest: job sweep",
    "  It went like this:",
    "    1. rest",
    "  Again: npm run soak",
    "history 5: WRONG (1 actions, 0 kills)",
    "  Waited in vain: It does not come to rest: job sweep",
    "  It went like this:",
    "    1. rest",
    "",
  ];
  const restless = "Waited in vain: It does not come to rest: job sweep";
  expect(readWrong(words.join("\n"))).toEqual([
    { history: 4, faults: ["Notes for device device1 is used by nobody", restless] },
    { history: 5, faults: [restless] },
  ]);
});

it("A fault that only time tells of is known from one that names what is wrong", () => {
  expect(isRestless(new RestlessError("It does not come to rest: job sweep").message)).toBe(true);
  expect(isRestless("Notes for device device1 is used by nobody")).toBe(false);
});
