import type { Command } from "commander";

const AFTER_HELP = `
Looks at the configuration, the data directory and its disk; the database with its version, schema, extensions, sessions and
clock; whether somebody works; the encryption key; tokens and targets, as they last were; Apple, and its clock. Nothing is
changed anywhere, no token is used, and no secret is shown. Run it with the service's environment, as its account.

The exit status is 1 if something is wrong (✖); what will be wrong some day (!) is no reason.`;

export function addDoctorCommand(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command("doctor")
    .summary("look for what is wrong, and say what to do")
    .description("Says what is well, what is not, and what to do.")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", AFTER_HELP)
    .action(async ({ json = false }: { json?: boolean }) => {
      // What a command needs is loaded for it alone, so that help and reports come at once.
      const { doctor } = await import("./doctor.js");
      await doctor(env, json);
    });
}
