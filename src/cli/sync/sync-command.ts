import type { Command } from "commander";
import { type ApiOptions, addApiOptions } from "../api/api-options.js";
import { type Api, connectApi } from "../api/connect-api.js";
import { findToken, type ListedToken, listTokens } from "../api/find-tokens.js";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-codes.js";
import { followSyncRuns } from "./follow-sync-runs.js";
import { requestSyncs } from "./request-syncs.js";
import { describeOutcome, exitCodeOf } from "./sync-outcome.js";

const AFTER_HELP = `
Asks the running service for it, and waits until it is over. What is asked for goes on in the service if you stop waiting.
A token that is being read already is not read twice: a partial read becomes a full one, and is followed.

  allotment sync "Head office"     one token, by name or id
  allotment sync --all --json      every token, outcomes as JSON`;

interface SyncOptions extends ApiOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

export function addSyncCommand(program: Command, env: NodeJS.ProcessEnv): void {
  const command = program
    .command("sync")
    .summary("read everything anew from Apple, and wait for it")
    .description("Synchronises tokens with Apple, in full.")
    .argument("[tokens...]", "names or ids; may be left out when there is one token only")
    .option("--all", "every token")
    .option("--json", "print the outcomes as JSON");
  addApiOptions(command)
    .addHelpText("after", AFTER_HELP)
    .action(async (names: string[], { all = false, json = false, ...where }: SyncOptions) => {
      const api = await connectApi(where, env);
      await sync(api, await chooseTokens(api, names, all), json);
    });
}

async function chooseTokens(api: Api, names: readonly string[], all: boolean): Promise<readonly ListedToken[]> {
  if (all && names.length > 0) throw new CommandError("Name tokens or say --all, not both.", EXIT.USAGE);
  const tokens = await listTokens(api);
  if (names.length > 0) return [...new Set(names.map((name) => findToken(tokens, name)))];
  if (tokens.length === 0) throw new CommandError("There is no token to synchronise: add one with addToken first.");
  if (all || tokens.length === 1) return tokens;
  throw new CommandError(`There are ${tokens.length} tokens: name those you mean, or say --all.`, EXIT.USAGE);
}

async function sync(api: Api, tokens: readonly ListedToken[], json: boolean): Promise<void> {
  const asked = await requestSyncs(api, tokens);
  const outcomes = [...asked.refused, ...(await followSyncRuns(api, asked.runs))];
  if (json) console.log(JSON.stringify(outcomes, null, 2));
  else for (const outcome of outcomes) console.log(describeOutcome(outcome));
  process.exitCode = exitCodeOf(outcomes);
}
