import { Installation } from "../../entities/installation.js";
import { deviceScope, userScope } from "../holder-scopes.js";
import { hydrate } from "../hydrate.js";
import type { RawRow } from "../list.js";
import { type Scoped, scopeOrAll, withToken } from "../scopes.js";
import { row, rows } from "../sql.js";
import type { AbsenceFacts } from "./explain-absence.js";

/** A device by its normalised serial number, or a person by id. */
export type Whom = { readonly serial: string } | { readonly userId: string };

interface AppKey {
  readonly tokenId: string;
  readonly id: string;
}

/** So many installations, and deployments, are told of at most. */
const MOST = 100;

/**
 * The installations of a product on a device, or of a person, whichever token or deployment they are of: those that want
 * it first. Of what the teams see.
 */
export async function findInstallations({ db, teams }: Scoped, storeApp: AppKey, whom: Whom): Promise<Installation[]> {
  const [place, value] = placeOf(whom);
  const found = await rows<RawRow>(
    db,
    `SELECT i.* FROM (SELECT * FROM installation WHERE ${place} OFFSET 0) i
     JOIN store_app app ON app.token_id = i.token_id AND app.id = i.store_app_id
     JOIN store_app asked ON asked.token_id = $1 AND asked.id = $2
     WHERE app.adam_id = asked.adam_id AND app.pricing_param = asked.pricing_param
       AND ${scopeOrAll(withToken, "i", "$4::text[]")}
     ORDER BY i.left_at IS NOT NULL, i.want = 'ABSENT', i.state IN ('CANCELLED', 'SUPERSEDED', 'REMOVED'), i.token_id, i.id
     LIMIT ${MOST}`,
    [storeApp.tokenId, storeApp.id, value, teams],
  );
  return found.map((raw) => hydrate(db, Installation, raw));
}

function placeOf(whom: Whom): [string, string] {
  return "serial" in whom
    ? ["device_id = (SELECT id FROM device WHERE serial = $3)", whom.serial]
    : ["user_id = $3", whom.userId];
}

/** Why there may be none of these; null when there is no such app. */
export async function readAbsenceFacts(
  { db, teams }: Scoped,
  storeApp: AppKey,
  whom: Whom,
): Promise<AbsenceFacts | null> {
  const found = await row<Omit<AbsenceFacts, "deployments" | "joining">>(db, ABOUT_SQL, [
    storeApp.tokenId,
    storeApp.id,
    ...("serial" in whom ? [whom.serial, null] : [null, whom.userId]),
    teams,
  ]);
  if (!found) return null;
  const deployments = await rows<AbsenceFacts["deployments"][number] & { joins: boolean }>(db, DEPLOYMENTS_SQL, [
    storeApp.tokenId,
    storeApp.id,
    ...("serial" in whom ? [whom.serial, null] : [null, whom.userId]),
    teams,
  ]);
  return { ...found, deployments, joining: deployments.find(({ joins }) => joins)?.collection ?? null };
}

const ABOUT_SQL = `
  SELECT COALESCE(app.name, app.adam_id) AS app, device.id IS NOT NULL OR person.id IS NOT NULL AS "isKnown",
         COALESCE('the device ' || $3::text, person.display_name, person.principal_name, 'the person') AS whom
  FROM store_app app
  LEFT JOIN device ON device.serial = $3::text AND ${scopeOrAll(deviceScope, "device", "$5::text[]")}
  LEFT JOIN "user" person ON person.id = $4::uuid AND ${scopeOrAll(userScope, "person", "$5::text[]")}
  WHERE app.token_id = $1 AND app.id = $2`;

const DEPLOYMENTS_SQL = `
  SELECT collection.name AS collection, target.name AS target, deployment.created_at AS "createdAt",
         EXISTS (SELECT 1 FROM collection_member member
                 WHERE member.collection_id = collection.id AND member.device_id = device.id)
         OR EXISTS (SELECT 1 FROM collection_member member
                    WHERE member.collection_id = collection.id AND member.user_id = COALESCE($4::uuid, device.user_id)) AS joins
  FROM store_app asked
  JOIN store_app app ON app.adam_id = asked.adam_id AND app.pricing_param = asked.pricing_param
  JOIN deployment ON deployment.token_id = app.token_id AND deployment.store_app_id = app.id
                 AND deployment.deleted_at IS NULL AND deployment.action = 'INSTALL'
  JOIN collection ON collection.id = deployment.collection_id
  JOIN target ON target.id = deployment.target_id
  LEFT JOIN device ON device.serial = $3::text AND ${scopeOrAll(deviceScope, "device", "$5::text[]")}
  WHERE asked.token_id = $1 AND asked.id = $2 AND ${scopeOrAll(withToken, "deployment", "$5::text[]")}
  ORDER BY joins DESC, deployment.created_at LIMIT ${MOST}`;
