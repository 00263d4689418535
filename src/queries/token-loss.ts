import { type Reader, row } from "./sql.js";

/** What goes with a token. */
export interface TokenLoss {
  readonly apps: number;
  readonly licenses: number;
  readonly returnableLicenses: number;
  readonly deployments: number;
  readonly openInstallations: number;
  readonly installedInstallations: number;
  readonly registrations: number;
  readonly openOperations: number;
}

const NOTHING: TokenLoss = {
  apps: 0,
  licenses: 0,
  returnableLicenses: 0,
  deployments: 0,
  openInstallations: 0,
  installedInstallations: 0,
  registrations: 0,
  openOperations: 0,
};

export async function tokenLoss(db: Reader, tokenId: string): Promise<TokenLoss> {
  const counted = await row<TokenLoss>(
    db,
    `SELECT app.*, license.*, installation.*,
            (SELECT count(*)::int FROM deployment WHERE token_id = $1 AND deleted_at IS NULL) AS deployments,
            (SELECT count(*)::int FROM apple_user WHERE token_id = $1
               AND status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED')) AS registrations,
            (SELECT count(*)::int FROM apple_operation WHERE token_id = $1 AND ended_at IS NULL) AS "openOperations"
     FROM (SELECT count(*)::int AS apps FROM store_app WHERE token_id = $1) app,
          (SELECT count(*)::int AS licenses, (count(*) FILTER (WHERE store_app.revocable AND NOT license.never_reclaim))::int AS "returnableLicenses"
           FROM license JOIN store_app ON store_app.token_id = license.token_id AND store_app.id = license.store_app_id
           WHERE license.token_id = $1 AND license.ended_at IS NULL) license,
          (SELECT (count(*) FILTER (WHERE state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER', 'CLAIMING',
                                                    'LICENSED', 'INSTALLING')))::int AS "openInstallations",
                  (count(*) FILTER (WHERE state IN ('INSTALLED', 'REMOVING', 'REMOVAL_FAILED')))::int
                    AS "installedInstallations"
           FROM installation WHERE token_id = $1) installation`,
    [tokenId],
  );
  return counted ?? NOTHING;
}
