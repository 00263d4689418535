import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.js";
import { readOrCreatePrivateFile } from "./private-file.js";

export interface Secrets {
  /** 32 bytes each; the first seals and all open. */
  readonly encryptionKeys: readonly Uint8Array[];
  readonly adminApiKey: string;
}

/**
 * The secrets that were configured, or else the ones in the data directory, made there at the first start. Processes that
 * start together get the same ones.
 */
export async function resolveSecrets(
  config: Pick<Config, "dataDirectory" | "encryptionKeys" | "adminApiKey">,
): Promise<Secrets> {
  const fromFile = async (name: string, create: () => string): Promise<string> => {
    await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 });
    return readOrCreatePrivateFile(join(config.dataDirectory, name), create);
  };
  return {
    encryptionKeys: config.encryptionKeys ?? [
      decodeKey(await fromFile("encryption-key", () => randomBytes(32).toString("hex")), config.dataDirectory),
    ],
    adminApiKey: config.adminApiKey ?? (await fromFile("admin-api-key", () => randomBytes(24).toString("base64url"))),
  };
}

function decodeKey(text: string, directory: string): Uint8Array {
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, "hex");
  throw new Error(
    `${join(directory, "encryption-key")} is damaged: restore it. Without it nothing that it sealed can be opened.`,
  );
}
