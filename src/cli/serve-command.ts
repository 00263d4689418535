import type { Command } from "commander";

const AFTER_HELP = `
Without DATABASE_URL it brings a PostgreSQL of its own, and keeps data and generated keys in ALLOTMENT_DATA_DIR
(.allotment). It says where it listens on standard output, logs JSON lines on standard error, and ends with SIGTERM or
Ctrl-C when what it was doing is done.

Often set:
  PORT, HOST          where it listens (4000, 127.0.0.1)
  DATABASE_URL        a PostgreSQL 15 or later; then ENCRYPTION_KEY and ADMIN_API_KEY are needed, too
  ROLES               what this process does: api, worker, or both
All of them: README.md, "Configuration".`;

export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .summary("run the service")
    .description("Runs the service: the API, the Playground, and the work in the background.")
    .addHelpText("after", AFTER_HELP)
    .action(async () => {
      await import("../main.js");
    });
}
