/**
 * A program for tests to kill: starts the embedded PostgreSQL on the directories it is given, prints its address, and
 * stays until its standard input closes. Then it stops PostgreSQL, or, told to `abandon` it, just ends.
 */
import { startEmbeddedPostgres } from "../../src/embedded-postgres/start-embedded-postgres.js";

const [directory = "", systemDirectory = "", manner = "stop"] = process.argv.slice(2);

// A service that is still closing when Ctrl-C is pressed.
process.on("SIGINT", () => undefined);

const postgres = await startEmbeddedPostgres({ directory, systemDirectory });
console.log(postgres.url);
process.stdin.resume();
process.stdin.once("end", async () => {
  if (manner === "stop") await postgres.stop();
  process.exit(0);
});
