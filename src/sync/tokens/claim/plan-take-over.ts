import { InstallationState } from "../../../entities/installation.js";
import { HolderKind } from "../../../entities/license.js";
import { type Reader, row, rows } from "../../../queries/sql.js";
import type { MdmInfo } from "../../apple/apple-client.js";
import { countAdoption } from "./adopt-holders.js";

/** States of an installation that go on once the token may write. */
const WAITING: readonly InstallationState[] = [
  InstallationState.REQUESTED,
  InstallationState.WAITING_FOR_LICENSE,
  InstallationState.WAITING_FOR_USER,
  InstallationState.CLAIMING,
  InstallationState.RETURNING,
];

/** What others have given of one app. */
export interface TakenOverApp {
  readonly storeAppId: string;
  /** Open licences that somebody else claimed. */
  readonly licenses: number;
  /** Of these, the ones whose device or person is known here. */
  readonly known: number;
}

/** What a takeover would adopt, and what it would disturb; as of the last synchronisation. */
export interface TakeOverPlan {
  /** The claim that would be written over, as Apple shows it. */
  readonly claim: MdmInfo;
  /** The claim has our own id: a copy of this installation holds the location. */
  readonly copy: boolean;
  /** With the most licences first. */
  readonly apps: readonly TakenOverApp[];
  readonly registrations: number;
  /** Registrations that are nobody's here. */
  readonly unknownRegistrations: number;
  /** Devices that hold licences and that no target has told of. */
  readonly unknownDevices: number;
  /** Registrations that would be linked to a user. */
  readonly adoptableRegistrations: number;
  /** Licences that would be linked to a device. */
  readonly adoptableLicenses: number;
  /** Deployments that go on as soon as the token may write. */
  readonly waitingDeployments: number;
  /** Changes at Apple that are paused: each is looked up there, and sent if it is still to be done. */
  readonly pausedOperations: number;
}

export async function planTakeOver(
  db: Reader,
  tokenId: string,
  { claim, copy }: Pick<TakeOverPlan, "claim" | "copy">,
): Promise<TakeOverPlan> {
  const { registrations, licenses } = await countAdoption(db, tokenId);
  const counts = await countOthers(db, tokenId);
  return {
    claim,
    copy,
    apps: await othersApps(db, tokenId),
    ...counts,
    adoptableRegistrations: registrations,
    adoptableLicenses: licenses,
  };
}

function othersApps(db: Reader, tokenId: string): Promise<TakenOverApp[]> {
  return rows<TakenOverApp>(
    db,
    `SELECT store_app_id AS "storeAppId", count(*)::int AS licenses,
            count(COALESCE(license.device_id, registration.user_id))::int AS known
     FROM license
     LEFT JOIN apple_user registration
       ON registration.token_id = license.token_id AND registration.id = license.apple_user_id
     WHERE license.token_id = $1 AND license.ended_at IS NULL AND license.start_operation_id IS NULL
     GROUP BY store_app_id ORDER BY licenses DESC, store_app_id`,
    [tokenId],
  );
}

type Counts = Pick<
  TakeOverPlan,
  "registrations" | "unknownRegistrations" | "unknownDevices" | "waitingDeployments" | "pausedOperations"
>;

async function countOthers(db: Reader, tokenId: string): Promise<Counts> {
  const counted = await row<Counts>(
    db,
    `SELECT people.*, devices.*, deployments.*, operations.*
     FROM (SELECT count(*)::int AS registrations, count(*) FILTER (WHERE user_id IS NULL)::int AS "unknownRegistrations"
           FROM apple_user WHERE token_id = $1 AND status IN ('REGISTERED', 'ASSOCIATED')) people,
          (SELECT count(DISTINCT holder_key)::int AS "unknownDevices" FROM license
           WHERE token_id = $1 AND ended_at IS NULL AND holder_kind = '${HolderKind.DEVICE}' AND device_id IS NULL) devices,
          (SELECT count(DISTINCT deployment_id)::int AS "waitingDeployments" FROM installation
           WHERE token_id = $1 AND state = ANY($2)) deployments,
          (SELECT count(*)::int AS "pausedOperations" FROM apple_operation
           WHERE token_id = $1 AND ended_at IS NULL) operations`,
    [tokenId, WAITING],
  );
  if (!counted) throw new Error("Four aggregates are always one row");
  return counted;
}
