import { AppError } from "../../errors.js";
import { PluginError } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { noSuchTarget } from "./require-webhook-room.js";

const VERIFY_DEADLINE_MS = 10_000;

/** Headers that are kept with the event, beside those of the product's own (`x-…`) that carry no proof. */
const KEPT: ReadonlySet<string> = new Set(["content-type", "content-length", "user-agent", "date"]);

/** What the name of a header with a credential or another proof says of it: such a header is checked, not kept. */
const PROOF = /key|secret|token|auth|signature|credential|pass|cookie|session/;

export interface ReceivedRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Takes what a target's product tells us: verified by its plugin, saved as it came, and read by a job. Answered when saved,
 * since some products tell a thing only once. Whether there is room was asked before: see `requireWebhookRoom`.
 * @throws AppError NOT_FOUND for a target that does not exist or has no webhook; UNAUTHENTICATED when it is not authentic;
 *   TARGET_UNAVAILABLE when the plugin cannot tell just now.
 */
export async function receiveWebhook(core: Core, targetId: string, request: ReceivedRequest): Promise<void> {
  const receivedAt = core.clock.now();
  await verify(core, targetId, { ...request, receivedAt });
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => isKept(name)));
  await core.dataSource.transaction(async (tx) => {
    const saved = await row(
      tx,
      `INSERT INTO webhook_event (target_id, headers, body, received_at)
       SELECT id, $2::jsonb, $3::bytea, $4::timestamptz FROM target WHERE id = $1 FOR KEY SHARE RETURNING id`,
      [targetId, JSON.stringify(headers), request.body, receivedAt],
    );
    // It was removed while the call was verified.
    if (!saved) throw noSuchTarget();
    await addJob(tx, "read-webhook-events", { targetId });
  });
}

function isKept(name: string): boolean {
  return KEPT.has(name) || (name.startsWith("x-") && !PROOF.test(name));
}

async function verify(core: Core, targetId: string, request: ReceivedRequest & { receivedAt: Date }): Promise<void> {
  let authentic: boolean | null;
  try {
    authentic = await core.targets.use(targetId, VERIFY_DEADLINE_MS, async (connection) =>
      connection.webhook ? (await connection.webhook.verify(request)) === true : null,
    );
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    const retryAt = core.clock.in(VERIFY_DEADLINE_MS).toISOString();
    throw new AppError(
      "TARGET_UNAVAILABLE",
      "The target cannot verify this call just now.",
      { retryAt },
      { cause: error },
    );
  }
  if (authentic === null) throw new AppError("NOT_FOUND", "This target has no webhook.");
  if (!authentic) throw new AppError("UNAUTHENTICATED", "This call is not authentic: check the secret at the product.");
}
