// `npm run schema:check`, a part of `npm run check`: no client is broken by surprise.
import { readFile } from "node:fs/promises";
import { type SchemaChange, schemaChanges } from "./schema-changes.js";

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), "utf8");
const list = (changes: readonly SchemaChange[]) => changes.map(({ message }) => `  ${message}`).join("\n");

const { unannounced, announced, dangerous } = await schemaChanges(
  await read("src/schema/released.graphql"),
  await read("src/schema/schema.graphql"),
  await read("CHANGELOG.md"),
);
if (dangerous.length > 0) console.log(`Since the last release, clients may be surprised by:\n${list(dangerous)}`);
if (announced.length > 0) console.log(`Breaking, as the changelog announces:\n${list(announced)}`);
if (unannounced.length > 0) {
  const places = unannounced.map(({ place }) => `\`${place}\``).join(", ");
  console.error(
    `Breaking, and not announced:\n${list(unannounced)}\n\nKeep what clients use, or announce it in CHANGELOG.md under ` +
      `Unreleased, in an item of this form:\n\n- Breaking: ${places}: what has changed, and what a client does now.\n`,
  );
  process.exitCode = 1;
}
