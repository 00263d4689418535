import type { Command } from "commander";

const AFTER_HELP = `
The service does the same at each start. Use this to do it before, as an account that may change the schema, or to see
what a new release would do. Several may run at the same moment: one does the work, the others wait for it.`;

export function addMigrateCommand(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command("migrate")
    .summary("bring the database's schema up to date")
    .description("Brings the schema of DATABASE_URL, or of the embedded database, up to date.")
    .option("--dry-run", "only list what is missing; nothing is changed")
    .addHelpText("after", AFTER_HELP)
    .action(async ({ dryRun = false }: { dryRun?: boolean }) => {
      // What a command needs is loaded for it alone, so that help and reports come at once.
      const { migrate } = await import("./migrate.js");
      await migrate(env, dryRun);
    });
}
