import { type Command, InvalidArgumentError, Option } from "commander";
import { type ApiOptions, addApiOptions } from "../api/api-options.js";
import { connectApi } from "../api/connect-api.js";
import { listKeys } from "./list-keys.js";
import { makeKey } from "./make-key.js";
import { revokeKey } from "./revoke-key.js";

const ROLES = ["VIEWER", "OPERATOR", "ADMIN"];

const AFTER_HELP = `
Takes a key of the role ADMIN.

  KEY=$(allotment keys make reports --role VIEWER --expires 2030-01-31)   the key alone goes to standard output
  allotment keys make --role OPERATOR --team north --team west help-desk
  allotment keys list
  allotment keys revoke reports`;

interface MakeOptions extends ApiOptions {
  readonly role: string;
  readonly team?: readonly string[];
  readonly expires?: string;
}

export function addKeysCommand(program: Command, env: NodeJS.ProcessEnv): void {
  const keys = program
    .command("keys")
    .summary("make, list and revoke API keys")
    .description("Makes, lists and revokes the keys that open the API.")
    .addHelpText("after", AFTER_HELP);
  addMake(keys, env);
  addList(keys, env);
  addRevoke(keys, env);
}

function addMake(keys: Command, env: NodeJS.ProcessEnv): void {
  const make = keys
    .command("make")
    .description("Makes a key, and shows it this once.")
    .argument("<name>", "what you call it")
    .addOption(new Option("--role <role>", "what its holder may do").choices(ROLES).makeOptionMandatory())
    .option(
      "--team <team>",
      "a team whose tokens and targets its holder sees; give it again for another; everything, if not said",
      another,
    )
    .option("--expires <when>", "when it ends by itself, e.g. 2030-01-31; never, if not said", moment);
  addApiOptions(make).action(async (name: string, { role, team, expires, ...where }: MakeOptions) => {
    const wish = { name, role, teams: team ?? null, expiresAt: expires ?? null };
    await makeKey(await connectApi(where, env), wish);
  });
}

function addList(keys: Command, env: NodeJS.ProcessEnv): void {
  const list = keys
    .command("list")
    .description("Lists the keys that there are.")
    .option("--all", "those that were revoked, too")
    .option("--json", "print them as JSON");
  addApiOptions(list).action(async (options: ApiOptions & { all?: boolean; json?: boolean }) => {
    await listKeys(await connectApi(options, env), options);
  });
}

function addRevoke(keys: Command, env: NodeJS.ProcessEnv): void {
  const revoke = keys
    .command("revoke")
    .description("Revokes a key: it is refused within a second.")
    .argument("<key>", "its name or id");
  addApiOptions(revoke).action(async (key: string, where: ApiOptions) => {
    await revokeKey(await connectApi(where, env), key);
  });
}

/** One more of an option that may be given several times. */
function another(given: string, before: readonly string[] = []): readonly string[] {
  return [...before, given];
}

/** A date counts from its first moment, in UTC. */
function moment(given: string): string {
  const time = new Date(given);
  if (/^\d{4}-\d\d-\d\d/.test(given) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError("Give a date such as 2030-01-31, or a moment such as 2030-01-31T18:00:00Z.");
}
