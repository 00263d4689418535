import { describe, expect, it } from "vitest";
import { schemaChanges } from "../../release/schema-changes.js";

const RELEASED = "type Query { apps(token: ID): [App!]! } type App { id: ID! total: Int! } enum State { ON OFF }";

const changelog = (...items: readonly string[]) =>
  ["# Changelog", "## Unreleased", ...items, "## 0.1.0", "- Breaking: `App.id`: long ago."].join("\n\n");

describe("a change of the schema", () => {
  it("that breaks clients is unannounced unless the changelog names its place", async () => {
    const current = RELEASED.replace("total: Int!", "total: Int");
    const silent = await schemaChanges(RELEASED, current, changelog("- App counts."));
    expect(silent.unannounced.map(({ place }) => place)).toEqual(["App.total"]);
    const said = await schemaChanges(
      RELEASED,
      current,
      changelog("- Breaking: `App.total` is null\n  when unlimited."),
    );
    expect(said).toMatchObject({ unannounced: [], announced: [{ place: "App.total" }] });
  });

  it("is not announced by an item of an earlier release, nor by one that does not say Breaking", async () => {
    const current = RELEASED.replace("id: ID! ", "").replace("(token: ID)", "");
    const { unannounced } = await schemaChanges(RELEASED, current, changelog("- Changed: `Query.apps.token` went."));
    expect(unannounced.map(({ place }) => place).sort()).toEqual(["App.id", "Query.apps.token"]);
  });

  it("that removes a type, a value or makes an argument required breaks clients", async () => {
    const current = "type Query { apps(token: ID!): [App!]! } type App { id: ID! total: Int! }";
    const { unannounced } = await schemaChanges(RELEASED, current, changelog());
    expect(unannounced.map(({ place }) => place).sort()).toEqual(["Query.apps.token", "State"]);
  });

  it("that may surprise clients is listed, and what only adds is not", async () => {
    const current = `${RELEASED.replace("OFF", "OFF BROKEN").replace("total:", "name: String total:")} type More { id: ID }`;
    const { unannounced, dangerous } = await schemaChanges(RELEASED, current, changelog());
    expect(unannounced).toEqual([]);
    expect(dangerous.map(({ place }) => place)).toEqual(["State.BROKEN"]);
  });
});
