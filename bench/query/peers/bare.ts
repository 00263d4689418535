import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startChild } from "../../support/child-process.js";
import { operations } from "../operations/index.js";
import { PAGE } from "../subjects.js";
import type { Peer } from "./peer.js";
import type { PeerSettings } from "./settings.js";

/** The limit of the stack. @param directory where it finds its statements. */
export async function startBare(settings: PeerSettings, directory: string): Promise<Peer> {
  const { node, databaseUrl, poolSize } = settings;
  const statements = join(directory, "statements.json");
  await writeFile(statements, JSON.stringify(Object.fromEntries(operations.map(({ name, bare }) => [name, bare]))));
  const child = await startChild(
    ["--max-old-space-size=1024", "bench/query/peers/bare-server.js"],
    { NODE_ENV: "production", DATABASE_URL: databaseUrl, POOL_SIZE: String(poolSize), STATEMENTS: statements },
    /listens on (\S+)/,
    { node },
  );
  const path = (name: string, values: readonly unknown[]) => `/${name}/${encodeURIComponent(JSON.stringify(values))}`;
  return {
    name: "bare",
    child,
    url: child.found[0] ?? "",
    method: "GET",
    authorization: "",
    async requests({ name, over }, { keys, places }) {
      if (over !== "places") return keys[over].map((key) => path(name, key));
      return places.map(({ after }) => path(name, [PAGE, ...after]));
    },
    reshape: (_, data) => data,
  };
}
