import { lateValue } from "../objects.js";

/** Of the teams that share the row, those that whoever asks is of; all of them for who sees everything. */
export const seenTeams = lateValue((row, { teams, bind }) => {
  if (teams === null) return `${row}.teams`;
  const own = bind(teams, "text[]");
  return `ARRAY(SELECT own.team FROM unnest(${row}.teams) WITH ORDINALITY AS own(team, place)
                WHERE own.team = ANY(${own}) ORDER BY own.place)`;
});
