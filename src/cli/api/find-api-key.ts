import { join } from "node:path";
import { readIfPresent } from "../../private-file.js";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-codes.js";
import type { ApiOptions } from "./api-options.js";

/** What the header of a request carries. */
const SENDABLE = /^[!-~]+$/;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The key: from ALLOTMENT_API_KEY, the file that is named, or, for a service on this machine, the one that it has generated in its
 * data directory. Never an argument: those are shown to everybody on the machine.
 * @throws CommandError when there is none.
 */
export async function findApiKey({ url, apiKeyFile }: ApiOptions, env: NodeJS.ProcessEnv): Promise<string> {
  const given = env.ALLOTMENT_API_KEY?.trim();
  if (given) return sendable(given, "ALLOTMENT_API_KEY holds");
  if (apiKeyFile !== undefined) return readKeyFile(apiKeyFile);
  const directory = env.ALLOTMENT_DATA_DIR?.trim() || ".allotment";
  const generated = LOOPBACK.test(new URL(url).hostname)
    ? await readIfPresent(join(directory, "admin-api-key")).catch(() => undefined)
    : undefined;
  if (generated) return generated;
  throw new CommandError(
    "There is no API key: set ALLOTMENT_API_KEY, or name a file that holds it with --api-key-file.",
    EXIT.USAGE,
  );
}

async function readKeyFile(path: string): Promise<string> {
  const key = await readIfPresent(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path} cannot be read (${error.code}): check --api-key-file.`, EXIT.USAGE);
  });
  if (key) return sendable(key, `--api-key-file names ${path}, which holds`);
  throw new CommandError(`${path} holds no key: check --api-key-file.`, EXIT.USAGE);
}

/** The key itself is not shown: what stands in its place may be another secret. */
function sendable(key: string, whence: string): string {
  if (SENDABLE.test(key)) return key;
  throw new CommandError(`${whence} more than a key: give the key alone, without spaces or line breaks.`, EXIT.USAGE);
}
