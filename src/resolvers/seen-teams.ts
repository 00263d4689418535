import type { Context } from "./context.js";

/** Of the teams that share something, those that whoever asks is of; all of them for who sees everything. */
export function seenTeams(teams: readonly string[], { access }: Context): string[] {
  return teams.filter((team) => access.teams?.includes(team) ?? true);
}
