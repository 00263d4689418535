import type { Finding, TargetToken } from "../../plugins/contract.js";
import { type Reader, rows } from "../../queries/sql.js";
import type { TargetCheck } from "./check-target.js";

interface Likeness {
  readonly theirs: string;
  readonly ours: string;
  readonly place: string;
}

/**
 * A check with a warning for each token of the product whose Apple location seems to be one that another token here works.
 * Where both tell the location's id that is certain, and refused elsewhere; a product that tells only names leaves a guess:
 * the same location name, and no other organization or country.
 * @param targetId of the target that was checked; null for one that is not stored yet.
 */
export async function withLikelyDuplicates(
  db: Reader,
  targetId: string | null,
  check: TargetCheck,
): Promise<TargetCheck> {
  const unsure = (check.tokens ?? []).filter(({ locationId, locationName }) => locationId === null && locationName);
  if (unsure.length === 0) return check;
  const alike = await findAlike(db, targetId, unsure);
  return { ...check, findings: [...check.findings, ...alike.map(warningOf)] };
}

function findAlike(db: Reader, targetId: string | null, tokens: readonly TargetToken[]): Promise<Likeness[]> {
  return rows<Likeness>(
    db,
    `SELECT theirs.name AS theirs, token.name AS ours, token.location_name AS place
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
            AS theirs(name, location, organization, country, position)
     JOIN token ON lower(btrim(token.location_name)) = lower(btrim(theirs.location))
               AND COALESCE(lower(btrim(token.organization)) = lower(btrim(theirs.organization)), true)
               AND COALESCE(upper(token.country) = upper(theirs.country), true)
     WHERE ($1::uuid IS NULL OR token.target_id IS DISTINCT FROM $1) ORDER BY theirs.position, token.name`,
    [
      targetId,
      tokens.map(({ name }) => name),
      tokens.map(({ locationName }) => locationName),
      tokens.map(({ organization }) => organization),
      tokens.map(({ country }) => country),
    ],
  );
}

function warningOf({ theirs, ours, place }: Likeness): Finding {
  return {
    severity: "warning",
    code: "LOCATION_MAY_HAVE_TWO_WRITERS",
    message: `The product's token "${theirs}" and the token "${ours}" here both belong to an Apple location named "${place}". If it is one location, two systems take licences from each other.`,
    remedy: "Compare the two in Apple's portal. If they are one location, remove one of the tokens.",
  };
}
