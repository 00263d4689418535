import { Command } from "commander";
import { addDoctorCommand } from "./doctor/doctor-command.js";
import { EXIT } from "./exit-codes.js";
import { addKeysCommand } from "./keys/keys-command.js";
import { addMigrateCommand } from "./migrate-command.js";
import { packageVersion } from "./package-version.js";
import { addReportCommand } from "./report/report-command.js";
import { addServeCommand } from "./serve-command.js";
import { addSimulateCommand } from "./simulate-command.js";
import { addSyncCommand } from "./sync/sync-command.js";

const AFTER_HELP = `
serve, migrate and doctor read the service's own configuration, the environment variables of README.md.
sync, report and keys talk to a running service, with the key in ALLOTMENT_API_KEY.

Exit status:
  ${EXIT.DONE}  done
  ${EXIT.FAILED}  it did not succeed
  ${EXIT.USAGE}  the command line or the configuration cannot be used
  ${EXIT.UNREACHABLE}  the service is not reached, or does not take the key
  ${EXIT.HELD_BACK}  sync: held back, since it would end too many licences; a second, equal read decides

Start with "allotment doctor" when something does not work.`;

/** The command `allotment` with all that it can be asked. */
export function createProgram(env: NodeJS.ProcessEnv): Command {
  const program = new Command("allotment")
    .description("Keeps the ledger of volume-purchased Apple apps, and puts the licences to work through any MDM.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help, or a command's")
    .helpCommand("help [command]", "print this help, or a command's")
    .showHelpAfterError('See "allotment help".')
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText("after", AFTER_HELP);
  addServeCommand(program);
  addMigrateCommand(program, env);
  addDoctorCommand(program, env);
  addSyncCommand(program, env);
  addReportCommand(program, env);
  addKeysCommand(program, env);
  addSimulateCommand(program);
  return program;
}
