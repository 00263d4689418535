import { join } from "node:path";
import type { ClientBase } from "pg";
import type { Config } from "../../config.js";
import { readIfPresent } from "../../private-file.js";
import { createSecretBox, type SecretBox } from "../../secrets.js";
import { webhookSecretPlace } from "../../sync/alerts/webhooks/webhook-secret.js";
import { type StoredTarget, storedSettings } from "../../sync/targets/stored-target.js";
import { tokenSecretPlace } from "../../sync/tokens/token-access.js";
import { type Finding, failure, ok, skipped } from "./finding.js";

const CHECK = "encryption key";
const REMEDY = "Put the key that sealed it into ENCRYPTION_KEY, behind the present one and a comma, and start again.";
const SHOWN = 3;

/** Whether everything that is stored encrypted opens with the key that there is. Nothing of it is shown. */
export async function checkEncryptionKey(
  client: ClientBase,
  config: Pick<Config, "encryptionKeys" | "dataDirectory">,
): Promise<Finding> {
  const keys = config.encryptionKeys ?? (await generatedKey(config.dataDirectory));
  if (keys === null) {
    const found = `The file encryption-key in ${config.dataDirectory} cannot be read.`;
    return failure(CHECK, found, "Run this as the account that the service runs as.");
  }
  const sealed = await readSealed(client);
  if (keys.length === 0) {
    if (sealed.length === 0) return skipped(CHECK, "There is none yet: the service makes one at its first start.");
    return failure(
      CHECK,
      `${sealed.length} secrets are stored, and the key in ${config.dataDirectory} is missing or damaged.`,
      `Put the file encryption-key back there, from the backup, or set ENCRYPTION_KEY to what it held.`,
    );
  }
  const box = createSecretBox(keys);
  const closed = sealed.filter((secret) => !opens(box, secret));
  if (closed.length === 0) return ok(CHECK, `It opens all ${sealed.length} secrets that are stored.`);
  const names = closed.slice(0, SHOWN).map(({ name }) => name);
  const more = closed.length > SHOWN ? ` and ${closed.length - SHOWN} more` : "";
  return failure(CHECK, `It does not open what is stored of ${names.join(", ")}${more}.`, REMEDY);
}

/** None where there is no such key; null where it cannot be read. */
async function generatedKey(directory: string): Promise<Uint8Array[] | null> {
  const text = await readIfPresent(join(directory, "encryption-key")).catch(() => null);
  if (text === null) return null;
  return /^[0-9a-f]{64}$/.test(text ?? "") ? [Buffer.from(text ?? "", "hex")] : [];
}

interface Sealed {
  /** Whose secret it is, for people. */
  readonly name: string;
  /** @throws AppError when the box has no key for it. */
  open(box: SecretBox): void;
}

function opens(box: SecretBox, secret: Sealed): boolean {
  try {
    secret.open(box);
    return true;
  } catch {
    return false;
  }
}

interface StoredSecret {
  id: string;
  name: string;
  secret: string;
}

async function readSealed(client: ClientBase): Promise<Sealed[]> {
  const { rows: tokens } = await client.query<StoredSecret>(
    "SELECT id, name, secret FROM token WHERE secret IS NOT NULL ORDER BY name",
  );
  const { rows: targets } = await client.query<StoredTarget>(
    "SELECT id, name, plugin, settings, secrets FROM target WHERE secrets IS NOT NULL ORDER BY name",
  );
  const { rows: endpoints } = await client.query<StoredSecret>(
    "SELECT id, url AS name, secret FROM webhook_endpoint ORDER BY url",
  );
  return [
    ...tokens.map(({ id, name, secret }) => ({
      name: `the token "${name}"`,
      open: (box: SecretBox) => void box.open(secret, tokenSecretPlace(id)),
    })),
    ...targets.map((target) => ({
      name: `the target "${target.name}"`,
      open: (box: SecretBox) => void storedSettings(target, box),
    })),
    ...endpoints.map(({ id, name, secret }) => ({
      name: `the webhook endpoint ${name}`,
      open: (box: SecretBox) => void box.open(secret, webhookSecretPlace(id)),
    })),
  ];
}
