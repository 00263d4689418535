import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const README = fileURLToPath(new URL("../../src/plugins/README.md", import.meta.url));

/** Where a skeleton's fake product says what it answers. */
const ROUTE = / {2}\/\*\*\n {3}\* What Acme answers.*?\n {2}}\n/s;

/** Fills the skeleton of a plugin called Acme in, with what `src/plugins/README.md` shows. */
export async function fillInFromReadme(directory: string): Promise<void> {
  const text = await readFile(README, "utf8");
  const [plugin, route] = [...text.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  if (plugin === undefined || route === undefined) throw new Error("The README shows no plugin and no fake product.");
  await writeFile(join(directory, "acme.js"), plugin);
  const product = join(directory, "fake-product.js");
  const skeleton = await readFile(product, "utf8");
  if (!ROUTE.test(skeleton)) throw new Error("The skeleton has no `route` to be filled in.");
  await writeFile(
    product,
    skeleton.replace(ROUTE, () => route),
  );
}
