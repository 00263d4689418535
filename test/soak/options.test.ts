import { describe, expect, it } from "vitest";
import { OptionsError, readOptions } from "../../soak/options.js";

describe("the command line of the soak", () => {
  it("plays five hundred histories of deployments with kills unless told otherwise, or twenty of synchronisations", () => {
    expect(readOptions(["--kind", "sync"])).toMatchObject({ histories: 20, actions: 50 });
    expect(readOptions([])).toMatchObject({
      kind: "deployments",
      histories: 500,
      seed: 1,
      first: 0,
      restarts: 5,
      killed: true,
    });
    expect(readOptions(["--histories", "3", "--seed", "9", "--restarts", "0", "--in-order"])).toMatchObject({
      histories: 3,
      seed: 9,
      restarts: 0,
      killed: false,
    });
  });

  it.each([["--histories", "none"], ["--seed", "-1"], ["--restarts", "101"], ["--kind", "toString"], ["--colour"]])(
    "refuses %s %s",
    (...words) => {
      expect(() => readOptions(words.filter((word) => word !== undefined))).toThrow(OptionsError);
    },
  );
});
