import { type Command, Option } from "commander";

/** Where the service is, and where the key is that opens it. */
export interface ApiOptions {
  readonly url: string;
  readonly apiKeyFile?: string;
}

/** Gives a command the options of all that talk to a running service. */
export function addApiOptions(command: Command): Command {
  return command
    .addOption(new Option("--url <url>", "where the service is").env("ALLOTMENT_URL").default("http://127.0.0.1:4000"))
    .addOption(
      new Option("--api-key-file <path>", "a file with the API key, if ALLOTMENT_API_KEY is not set").env(
        "ALLOTMENT_API_KEY_FILE",
      ),
    );
}
