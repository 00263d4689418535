import type { DataSource } from "typeorm";
import type { Condition } from "./conditions.js";
import { globalIdSql } from "./global-id-sql.js";

/** The teams whose tokens and targets a caller sees; null for everything. */
export type Teams = readonly string[] | null;

/** Where to read, and for whom. */
export interface Scoped {
  readonly db: DataSource;
  readonly teams: Teams;
}

/**
 * SQL for whether a row is in the scope of teams: the one place that says what a team sees. Never null.
 * @param row the row's alias.
 * @param teams SQL of a text[], the teams' names.
 */
export type Scope = (row: string, teams: string) => string;

const tokensOf = (teams: string) => `(SELECT scoped.id FROM token scoped WHERE scoped.teams && ${teams})`;
const targetsOf = (teams: string) => `(SELECT scoped.id FROM target scoped WHERE scoped.teams && ${teams})`;

/** What belongs to a token is seen with it. */
export const withToken: Scope = (row, teams) => `${row}.token_id IN ${tokensOf(teams)}`;

/** The same for a page: PostgreSQL walks the list's index token by token, and does not skim what lies before the first. */
export const walkedWithToken: Scope = (row, teams) => `${row}.token_id = ANY (ARRAY${tokensOf(teams)})`;

/** What belongs to a target is seen with it. */
export const withTarget: Scope = (row, teams) => `${row}.target_id IN ${targetsOf(teams)}`;

/** What is about the whole installation is seen by nobody who is limited to teams. */
export const toNoTeam: Scope = () => "false";

/** A token or target of the teams' own. */
export const ownByTeams: Scope = (row, teams) => `${row}.teams && ${teams}`;

/** A collection that they made, or that a target of their own has. */
export const ownCollection: Scope = (row, teams) =>
  `(${row}.teams && ${teams} OR COALESCE(${withTarget(row, teams)}, false))`;

/** Their own, one that owns a token of theirs, and where apps of their tokens are or are planned to be. */
export const targetScope: Scope = (row, teams) => `(${ownByTeams(row, teams)}
  OR ${row}.id IN (SELECT scoped.target_id FROM token scoped WHERE scoped.teams && ${teams} AND scoped.target_id IS NOT NULL)
  OR ${row}.id IN (SELECT used.target_id FROM application used WHERE ${withToken("used", teams)})
  OR ${row}.id IN (SELECT planned.target_id FROM deployment_plan planned WHERE ${withToken("planned", teams)}))`;

/** Their own, and those for which apps of their tokens are deployed, reserved or planned. */
export const collectionScope: Scope = (row, teams) => `(${ownCollection(row, teams)}
  OR ${row}.id IN (SELECT gone.collection_id FROM deployment gone
                   WHERE ${withToken("gone", teams)} AND gone.collection_id IS NOT NULL)
  OR ${row}.id IN (SELECT kept.collection_id FROM reservation kept WHERE ${withToken("kept", teams)})
  OR ${row}.id IN (SELECT planned.collection_id FROM deployment_plan planned WHERE ${withToken("planned", teams)}))`;

/** What is about a token of theirs, a target of their own, or a collection of their own. */
export const alertScope: Scope = (row, teams) => `(COALESCE(${withToken(row, teams)}, false)
  OR ${row}.subject IN (SELECT ${globalIdSql("Target", "concerned.id")} FROM target concerned
                        WHERE ${ownByTeams("concerned", teams)})
  OR ${row}.subject IN (SELECT ${globalIdSql("Collection", "concerned.id")} FROM collection concerned
                        WHERE ${ownCollection("concerned", teams)}))`;

/** What a statement asks of the row `item`, so that the teams see no more than is theirs; nothing without a limit. */
export function inScope(scope: Scope, teams: Teams): Condition[] {
  return teams === null ? [] : [{ sql: (bind) => scope("item", bind(teams, "text[]")), fixes: [] }];
}

/** The same for a statement that is written out: true where the teams, SQL of a text[], are null. */
export function scopeOrAll(scope: Scope, row: string, teams: string): string {
  return `(${teams} IS NULL OR ${scope(row, teams)})`;
}
