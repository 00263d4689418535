import { describe, expect, it } from "vitest";
import { requireTokenWords } from "../../../src/sync/tokens/token-words.js";

const ann = { name: "Ann", email: "ann@example.com" };

describe("an admin's words about a token", () => {
  it("lose the white space around them, and what is said twice", () => {
    const words = requireTokenWords({
      name: " Main ",
      description: "  ",
      categories: ["north", " north ", "south"],
      contacts: [{ name: " Ann ", email: " ann@example.com " }],
    });
    expect(words).toEqual({ name: "Main", description: null, categories: ["north", "south"], contacts: [ann] });
  });

  it("stay left out where they are left out", () => {
    expect(requireTokenWords({})).toEqual({});
  });

  it.each([
    ["an empty name", { name: "  " }, "name"],
    ["a name that is too long", { name: "x".repeat(201) }, "name"],
    ["a description that is too long", { description: "x".repeat(2_001) }, "description"],
    ["an empty category", { categories: ["north", " "] }, "categories"],
    ["a category that is too long", { categories: ["x".repeat(101)] }, "categories"],
    ["too many categories", { categories: Array.from({ length: 51 }, (_, at) => `c${at}`) }, "categories"],
    ["a contact without a name", { contacts: [{ name: " ", email: ann.email }] }, "contacts"],
    ["a contact without an address", { contacts: [{ name: "Ann", email: "" }] }, "contacts"],
    ["a contact whose address is none", { contacts: [{ name: "Ann", email: "ann at example.com" }] }, "contacts"],
    ["one address twice", { contacts: [ann, { name: "Bob", email: "ANN@example.com" }] }, "contacts"],
    [
      "too many contacts",
      { contacts: Array.from({ length: 21 }, (_, at) => ({ name: "Ann", email: `ann${at}@example.com` })) },
      "contacts",
    ],
  ])("are refused with %s", (_, words, field) => {
    expect(() => requireTokenWords(words)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", details: { field } }),
    );
  });
});
