import { z } from "zod";
import { type AppRef, PluginError } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { readAnswer } from "../targets/answers.js";
import { callTarget } from "../targets/call-target.js";
import { retryWishAt } from "../targets/plugin-failure.js";
import { storableHandle } from "../targets/storable.js";

const CALL_DEADLINE_MS = 60_000;

const MADE = z.object({ handle: storableHandle });

interface WantedApplication {
  tokenId: string;
  id: string;
  adamId: string;
  bundleId: string | null;
  name: string | null;
  platforms: string[];
  tokenExternalId: string | null;
  createdAt: Date;
}

/**
 * Makes the app objects that are asked for at a target; where the product has none, the row alone is enough. The no to one app is
 * no reason to leave out the others; any other failure is.
 */
export async function prepareApplications(core: Core, { targetId }: Jobs["prepare-applications"]): Promise<void> {
  const wanted = await rows<WantedApplication>(
    core.dataSource,
    `SELECT application.token_id AS "tokenId", application.id, app.adam_id AS "adamId", app.bundle_id AS "bundleId", app.name,
            app.platforms, token.external_id AS "tokenExternalId", application.created_at AS "createdAt"
     FROM application JOIN store_app app ON app.token_id = application.token_id AND app.id = application.store_app_id
     JOIN token ON token.id = application.token_id
     WHERE application.target_id = $1 AND application.ready_at IS NULL ORDER BY application.id`,
    [targetId],
  );
  const tries: Date[] = [];
  for (const application of wanted) {
    const error = await prepare(core, targetId, application);
    if (!error) continue;
    tries.push(retryWishAt(error, application.createdAt, core.clock));
    if (error.kind !== "rejected") break;
  }
  const [at] = tries.sort((one, other) => one.getTime() - other.getTime());
  if (at) await core.dataSource.transaction((tx) => addJob(tx, "prepare-applications", { targetId }, at));
}

/** @returns why it does not stand; null when it does. */
async function prepare(core: Core, targetId: string, application: WantedApplication): Promise<PluginError | null> {
  const { tokenId, id, adamId, bundleId, name, platforms, tokenExternalId } = application;
  try {
    const { abilities } = await core.targets.plugin(targetId);
    const app = { adamId, bundleId, name: name ?? adamId, platforms, tokenExternalId };
    const handle = abilities.applications ? await make(core, targetId, app) : null;
    await core.dataSource.transaction(async (tx) => {
      await tx.query(
        "UPDATE application SET handle = $3, ready_at = $4, last_error = NULL WHERE token_id = $1 AND id = $2 AND ready_at IS NULL",
        [tokenId, id, handle, core.clock.now()],
      );
      await addJob(tx, "apply-steps", { targetId });
    });
    return null;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    await core.dataSource.query("UPDATE application SET last_error = $3 WHERE token_id = $1 AND id = $2", [
      tokenId,
      id,
      error.message,
    ]);
    return error;
  }
}

/** @returns the product's handle of it. */
function make(core: Core, targetId: string, app: Omit<AppRef, "applicationHandle">): Promise<string> {
  return callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) => {
    const made = await connection.ensureApplication?.(app, signal);
    return readAnswer(MADE, made, "the app that it made").handle;
  });
}
