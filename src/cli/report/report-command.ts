import { type Command, InvalidArgumentError, Option } from "commander";
import { type ApiOptions, addApiOptions } from "../api/api-options.js";
import { connectApi } from "../api/connect-api.js";
import { findToken, listTokens } from "../api/find-tokens.js";
import { type ReportWish, readReport } from "./read-report.js";
import { writeCsv } from "./write-csv.js";
import { writeJson } from "./write-json.js";
import { writeTable } from "./write-table.js";

const WRITERS = { table: writeTable, csv: writeCsv, json: writeJson };

const AFTER_HELP = `
One line an app: bought, used, free and waiting. "used" is what Apple counts, "free" what can still be given. Unlimited apps
have no number of what is bought or free, and are left out of the sums.

  allotment report --format csv > licences.csv
  allotment report --token "Head office" --search pages
  allotment report --format json | jq '.apps[] | select(.free == 0) | .name'`;

interface ReportOptions extends ApiOptions {
  readonly token?: string;
  readonly search?: string;
  readonly books?: boolean;
  readonly format: keyof typeof WRITERS;
  readonly limit?: number;
}

export function addReportCommand(program: Command, env: NodeJS.ProcessEnv): void {
  const command = program
    .command("report")
    .summary("show how many licences are bought, used, free and waited for")
    .description("Shows the licences of every app at a glance.")
    .addOption(new Option("--format <format>", "how to print it").choices(Object.keys(WRITERS)).default("table"))
    .option("--token <token>", "only apps of this token, by its name or id")
    .option("--search <text>", "only apps whose name contains this")
    .option("--books", "books instead of apps")
    .option("--limit <number>", "at most so many apps; all, if not said", wholeNumber);
  addApiOptions(command)
    .addHelpText("after", AFTER_HELP)
    .action((options: ReportOptions) => report(options, env));
}

async function report(options: ReportOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const api = await connectApi(options, env);
  const { search = null, books = false, limit = null } = options;
  const token = options.token === undefined ? null : findToken(await listTokens(api), options.token).id;
  const wish: ReportWish = { token, search, productType: books ? "BOOK" : "APP", limit };
  await WRITERS[options.format](await readReport(api, wish));
}

function wholeNumber(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new InvalidArgumentError("Give a whole number from 1.");
}
