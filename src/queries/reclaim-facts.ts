import type { InstallationState, InstallationWant } from "../entities/installation.js";
import type { LicenseState } from "../entities/license.js";
import type { TokenAuthority, TokenHealthState } from "../entities/token.js";
import { type Reader, rows } from "./sql.js";

/** An installation that uses a licence. */
export interface LicenseUse {
  readonly id: string;
  readonly state: InstallationState;
  readonly want: InstallationWant;
  readonly generation: number;
  /** Its member has left its deployment, or that was deleted. */
  readonly left: boolean;
  /** Only until the device's present user has a licence. */
  readonly parting: boolean;
}

/** What is to be known of a licence before it is taken back. */
export interface ReclaimFacts {
  readonly tokenId: string;
  readonly id: string;
  readonly state: LicenseState;
  /** An operation of Apple's is at work on it. */
  readonly busy: boolean;
  readonly neverReclaim: boolean;
  readonly given: boolean;
  readonly revocable: boolean;
  readonly authority: TokenAuthority;
  readonly health: TokenHealthState;
  readonly uses: readonly LicenseUse[];
}

/** The licences with these keys that there are, in the order of their keys. */
export function reclaimFacts(
  db: Reader,
  keys: readonly { readonly tokenId: string; readonly id: string }[],
): Promise<ReclaimFacts[]> {
  return rows<ReclaimFacts>(
    db,
    `SELECT license.token_id AS "tokenId", license.id, license.state, license.operation_id IS NOT NULL AS busy,
            license.never_reclaim AS "neverReclaim", license.given_at IS NOT NULL AS given, app.revocable,
            token.authority, token.health_state AS health, COALESCE(used.uses, '[]') AS uses
     FROM unnest($1::uuid[], $2::bigint[]) AS named(token_id, id)
     JOIN license ON license.token_id = named.token_id AND license.id = named.id
     JOIN store_app app ON app.token_id = license.token_id AND app.id = license.store_app_id
     JOIN token ON token.id = license.token_id
     LEFT JOIN LATERAL (
       SELECT json_agg(json_build_object('id', i.id::text, 'state', i.state, 'want', i.want, 'generation', i.generation,
                                         'left', i.left_at IS NOT NULL,
                                         'parting', i.license_id IS DISTINCT FROM license.id) ORDER BY i.id) AS uses
       FROM installation i WHERE i.token_id = license.token_id AND (i.license_id = license.id OR i.former_license_id = license.id)
     ) used ON true
     ORDER BY license.token_id, license.id`,
    [keys.map(({ tokenId }) => tokenId), keys.map(({ id }) => id)],
  );
}
