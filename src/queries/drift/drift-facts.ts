import type { InstallationReason, InstallationState, InstallationWant } from "../../entities/installation.js";
import type { HolderKind, LicenseCause } from "../../entities/license.js";
import type { TokenHealthState } from "../../entities/token.js";
import { type Reader, rows } from "../sql.js";
import { driftPlaces } from "./drift-places.js";
import type { DriftKey } from "./drift-type.js";

/** An installation that bears on a drift: it uses the licence, or shows the app without one. */
export interface DriftInstallation {
  readonly id: string;
  readonly generation: number;
  readonly state: InstallationState;
  readonly stateAt: Date;
  readonly want: InstallationWant;
  readonly left: boolean;
  readonly reason: InstallationReason | null;
  readonly detail: string | null;
  readonly remedy: string | null;
  readonly observedState: string | null;
  readonly observedAt: Date | null;
  readonly device: string | null;
  readonly targetId: string;
  readonly target: string;
  readonly targetPausedUntil: Date | null;
}

/** All that is to be known of one drift: what each side says and when, and what a repair depends on. */
export interface DriftFacts extends DriftKey {
  readonly storeAppId: string;
  readonly token: string;
  readonly health: TokenHealthState;
  readonly healthRemedy: string | null;
  readonly removing: boolean;
  readonly lastSyncAt: Date | null;
  readonly app: string;
  readonly totalCount: number;
  readonly assignedCount: number;
  readonly availableCount: number;
  readonly retiredCount: number;
  readonly heldCount: number;
  readonly countsAt: Date;
  /** Null with COUNT_MISMATCH and INSTALLED_WITHOUT_LICENSE, and so are the next ones. */
  readonly licenseId: string | null;
  readonly holderKind: HolderKind | null;
  readonly holderKey: string | null;
  readonly startCause: LicenseCause | null;
  readonly startedAt: Date | null;
  readonly abandonedAt: Date | null;
  /** When Apple was asked and did not show it. */
  readonly missedAt: Date | null;
  /** A device or registration that it can be linked to by now. */
  readonly linkableDeviceId: string | null;
  readonly linkableAppleUserId: string | null;
  readonly installations: readonly DriftInstallation[];
  /** Of the open alert, with COUNT_MISMATCH. */
  readonly alertMessage: string | null;
  readonly alertRaisedAt: Date | null;
}

/** As JSON tells it. */
type RawInstallation = Omit<DriftInstallation, "stateAt" | "observedAt" | "targetPausedUntil"> & {
  readonly stateAt: string;
  readonly observedAt: string | null;
  readonly targetPausedUntil: string | null;
};

type RawFacts = Omit<DriftFacts, "installations"> & {
  readonly ordinal: number;
  readonly installations: readonly RawInstallation[];
};

/**
 * The facts of each of these drifts, in their order, in one statement; null for what is no drift any more.
 * @param stalledBefore see `driftPlaces`.
 */
export async function driftFacts(
  db: Reader,
  keys: readonly DriftKey[],
  stalledBefore: Date,
): Promise<(DriftFacts | null)[]> {
  const found = await rows<RawFacts>(db, factsSql(`'${stalledBefore.toISOString()}'::timestamptz`), [
    keys.map(({ type }) => type),
    keys.map(({ tokenId }) => tokenId),
    keys.map(({ id }) => id),
  ]);
  const byOrdinal = new Map(
    found.map(({ ordinal, ...facts }) => [
      ordinal,
      { ...facts, installations: facts.installations.map((raw) => withDates(raw)) },
    ]),
  );
  return keys.map((_, ordinal) => byOrdinal.get(ordinal) ?? null);
}

function withDates(raw: RawInstallation): DriftInstallation {
  const dateOf = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...raw,
    stateAt: new Date(raw.stateAt),
    observedAt: dateOf(raw.observedAt),
    targetPausedUntil: dateOf(raw.targetPausedUntil),
  };
}

function factsSql(stalledBefore: string): string {
  const isNamed = "found.type = named.type AND found.token_id = named.token_id AND found.id = named.id";
  const places = driftPlaces(stalledBefore).map((place) => `SELECT found.* FROM ${place} AS found WHERE ${isNamed}`);
  return `
    SELECT (named.ordinal - 1)::int AS ordinal, item.type, item.token_id AS "tokenId", item.id,
           item.store_app_id AS "storeAppId", token.name AS token, token.health_state AS health,
           token.health_remedy AS "healthRemedy", token.removing_at IS NOT NULL AS removing,
           token.last_sync_at AS "lastSyncAt", COALESCE(app.name, app.adam_id) AS app,
           app.total_count AS "totalCount", app.assigned_count AS "assignedCount",
           app.available_count AS "availableCount", app.retired_count AS "retiredCount", app.held_count AS "heldCount",
           app.counts_at AS "countsAt", license.id AS "licenseId", license.holder_kind AS "holderKind",
           license.holder_key AS "holderKey", license.start_cause AS "startCause", license.started_at AS "startedAt",
           license.abandoned_at AS "abandonedAt", missed.missed_at AS "missedAt",
           known_device.id AS "linkableDeviceId", known_user.id AS "linkableAppleUserId",
           COALESCE(concerned.installations, '[]') AS installations,
           warning.message AS "alertMessage", warning.raised_at AS "alertRaisedAt"
    FROM unnest($1::text[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS named(type, token_id, id, ordinal)
    CROSS JOIN LATERAL (${places.join(" UNION ALL ")}) AS item
    JOIN token ON token.id = item.token_id
    JOIN store_app app ON app.token_id = item.token_id AND app.id = item.store_app_id
    LEFT JOIN license ON license.token_id = item.token_id AND license.id = item.id
                     AND item.type NOT IN ('COUNT_MISMATCH', 'INSTALLED_WITHOUT_LICENSE')
    LEFT JOIN missed_license missed ON missed.token_id = license.token_id AND missed.license_id = license.id
    LEFT JOIN device known_device
           ON license.holder_kind = 'DEVICE' AND license.device_id IS NULL
          AND known_device.serial = upper(btrim(license.holder_key))
    LEFT JOIN apple_user known_user
           ON license.holder_kind = 'USER' AND license.apple_user_id IS NULL AND known_user.token_id = license.token_id
          AND known_user.client_user_id = license.holder_key AND known_user.user_id IS NOT NULL
          AND known_user.status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED')
    LEFT JOIN LATERAL (
      SELECT json_agg(json_build_object(
               'id', i.id::text, 'generation', i.generation, 'state', i.state, 'stateAt', i.state_at, 'want', i.want,
               'left', i.left_at IS NOT NULL, 'reason', i.reason, 'detail', i.detail, 'remedy', i.remedy,
               'observedState', i.observed_state, 'observedAt', i.observed_at,
               'device', COALESCE(device.serial, device.name), 'targetId', target.id, 'target', target.name,
               'targetPausedUntil', target.paused_until) ORDER BY i.id) AS installations
      FROM (
        SELECT named.* FROM installation named
        WHERE item.type = 'INSTALLED_WITHOUT_LICENSE' AND named.token_id = item.token_id AND named.id = item.id
        UNION ALL
        SELECT used.* FROM installation used WHERE used.token_id = license.token_id AND used.license_id = license.id
      ) i JOIN target ON target.id = i.target_id LEFT JOIN device ON device.id = i.device_id
    ) concerned ON true
    LEFT JOIN alert warning ON item.type = 'COUNT_MISMATCH' AND warning.kind = 'COUNT_MISMATCH'
          AND warning.cleared_at IS NULL AND warning.subject = translate(rtrim(encode(convert_to(
                concat_ws(':', 'StoreApp', item.token_id, item.id), 'UTF8'), 'base64'), '='), E'+/\\n', '-_')
    ORDER BY named.ordinal`;
}
