import type { TokenAuthority, TokenHealthState } from "../../../entities/token.js";
import { type Reader, row } from "../../../queries/sql.js";
import { IDENTITY_SQL, type Identity } from "./identity.js";

/** What our database knows of a token's location, and of us. */
export interface LocationFacts extends Identity {
  readonly name: string;
  readonly authority: TokenAuthority;
  readonly locationId: string | null;
  readonly expiresAt: Date | null;
  readonly state: TokenHealthState;
  /** With which epoch we have claimed it, or are about to; null when this instance never has. */
  readonly claimedEpoch: number | null;
  /** Whose claim an admin has told us to write over. */
  readonly takingOver: string | null;
  readonly distrustedAt: Date | null;
  /** It is being removed. */
  readonly removing: boolean;
  /** False when the database is another than it was at the last look: it was put in the other's place. */
  readonly sameDatabase: boolean;
}

/** Null when there is no such token. */
export function readLocationFacts(db: Reader, tokenId: string): Promise<LocationFacts | null> {
  return row<LocationFacts>(
    db,
    `SELECT ${IDENTITY_SQL}, token.name, token.authority, token.location_id AS "locationId",
            token.expires_at AS "expiresAt", token.health_state AS state, token.claimed_epoch::float8 AS "claimedEpoch",
            token.taking_over AS "takingOver", token.distrusted_at AS "distrustedAt",
            token.removing_at IS NOT NULL AS removing,
            COALESCE(split_part(us.database_seen, ':', 2) =
              (SELECT oid::text FROM pg_database WHERE datname = current_database()), true) AS "sameDatabase"
     FROM token, service_identity us WHERE token.id = $1`,
    [tokenId],
  );
}
