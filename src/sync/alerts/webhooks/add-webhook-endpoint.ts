import type { EntityManager } from "typeorm";
import type { AlertKind } from "../../../entities/alert.js";
import { AppError } from "../../../errors.js";
import { PluginError } from "../../../plugins/contract.js";
import type { Core } from "../../core.js";
import { newWebhookSecret, webhookSecretPlace } from "./webhook-secret.js";

const LONGEST_URL = 2_000;

/**
 * Adds an address that is told of alerts from now on, with a secret of its own.
 * @param wanted no kinds: all of them.
 * @returns the endpoint's id.
 * @throws AppError INVALID_INPUT for an address that is none or may not be reached.
 */
export async function addWebhookEndpoint(
  tx: EntityManager,
  core: Core,
  wanted: { readonly url: string; readonly kinds: readonly AlertKind[] },
  actor: string,
): Promise<string> {
  const url = requireUrl(core, wanted.url);
  const id = core.clock.uuid();
  await tx.query(
    "INSERT INTO webhook_endpoint (id, url, secret, kinds, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6)",
    [
      id,
      url.href,
      core.secrets.seal(newWebhookSecret(), webhookSecretPlace(id)),
      [...new Set(wanted.kinds)],
      core.clock.now(),
      actor,
    ],
  );
  return id;
}

function requireUrl(core: Core, text: string): URL {
  if (text.length > LONGEST_URL || !URL.canParse(text)) {
    throw unusable(
      `This is no address: give one such as https://example.com/hook, of at most ${LONGEST_URL} characters.`,
    );
  }
  const url = new URL(text);
  if (url.username || url.password) throw unusable("Leave user and password out of the address: messages are signed.");
  try {
    core.webhooks.require(url);
  } catch (error) {
    if (error instanceof PluginError) throw unusable(error.message);
    throw error;
  }
  return url;
}

function unusable(message: string): AppError {
  return new AppError("INVALID_INPUT", message, { field: "url" });
}
