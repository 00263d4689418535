import { PluginError } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { storableId } from "../holders/storable.js";
import { addJob, type Jobs } from "../jobs.js";
import { callTarget } from "../targets/call-target.js";

const CALL_DEADLINE_MS = 60_000;
const RETRY_MS = 60_000;

interface WantedApplication {
  tokenId: string;
  id: string;
  adamId: string;
  bundleId: string | null;
  name: string | null;
  platforms: string[];
  tokenExternalId: string | null;
}

/** Makes the app objects that are asked for at a target; where the product has none, the row alone is enough. */
export async function prepareApplications(core: Core, { targetId }: Jobs["prepare-applications"]): Promise<void> {
  const wanted = await rows<WantedApplication>(
    core.dataSource,
    `SELECT application.token_id AS "tokenId", application.id, app.adam_id AS "adamId", app.bundle_id AS "bundleId", app.name,
            app.platforms, token.external_id AS "tokenExternalId"
     FROM application JOIN store_app app ON app.token_id = application.token_id AND app.id = application.store_app_id
     JOIN token ON token.id = application.token_id
     WHERE application.target_id = $1 AND application.ready_at IS NULL ORDER BY application.id`,
    [targetId],
  );
  let failed = false;
  for (const application of wanted) {
    if (!(await prepare(core, targetId, application))) failed = true;
  }
  if (failed) {
    const at = core.clock.in(RETRY_MS);
    await core.dataSource.transaction((tx) => addJob(tx, "prepare-applications", { targetId }, at));
  }
}

/** @returns whether it stands. */
async function prepare(core: Core, targetId: string, application: WantedApplication): Promise<boolean> {
  const { tokenId, id, adamId, bundleId, name, platforms, tokenExternalId } = application;
  try {
    const made = await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
      connection.ensureApplication?.({ adamId, bundleId, name: name ?? adamId, platforms, tokenExternalId }, signal),
    );
    if (made && !storableId.safeParse(made.handle).success) {
      throw new PluginError("internal", "The target names the app by characters that cannot be stored.");
    }
    await core.dataSource.transaction(async (tx) => {
      await tx.query(
        "UPDATE application SET handle = $3, ready_at = $4, last_error = NULL WHERE token_id = $1 AND id = $2 AND ready_at IS NULL",
        [tokenId, id, made?.handle ?? null, core.clock.now()],
      );
      await addJob(tx, "apply-steps", { targetId });
    });
    return true;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    await core.dataSource.query("UPDATE application SET last_error = $3 WHERE token_id = $1 AND id = $2", [
      tokenId,
      id,
      error.message,
    ]);
    return false;
  }
}
