import { existsSync, readFileSync } from "node:fs";

/** Of this package: its package.json lies above the source, and further above what was built of it. */
export function packageVersion(): string {
  for (
    let directory = new URL(".", import.meta.url);
    directory.pathname !== "/";
    directory = new URL("..", directory)
  ) {
    const file = new URL("package.json", directory);
    if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  }
  return "unknown";
}
