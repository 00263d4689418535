import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const HEADING = "## Unreleased\n";

/**
 * Makes what is unreleased the release `version`: its name goes over the changelog's newest part, and its schema becomes the one
 * that later ones are compared with.
 * @param root the package's directory
 * @throws Error when the changelog has nothing to release; nothing is written then.
 */
export async function prepareRelease(root: string, version: string): Promise<void> {
  const path = join(root, "CHANGELOG.md");
  const changelog = await readFile(path, "utf8");
  if (!changelog.includes(`${HEADING}\n- `))
    throw new Error(`CHANGELOG.md has nothing under Unreleased for ${version}.`);
  await writeFile(path, changelog.replace(HEADING, `${HEADING}\n## ${version}\n`));
  const schema = (name: string) => join(root, "src", "schema", `${name}.graphql`);
  await copyFile(schema("schema"), schema("released"));
}
