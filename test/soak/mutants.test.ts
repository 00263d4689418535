import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { MUTANTS } from "../../soak/mutants/mutants.js";

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
