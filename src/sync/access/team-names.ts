import { AppError } from "../../errors.js";

const LONGEST = 100;
const MOST = 50;
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._:@/-]*[\p{L}\p{N}])?$/u;

/**
 * The teams without white space around them, each once.
 * @throws AppError INVALID_INPUT for a name that is empty, longer than 100 characters, or of others than letters, digits,
 * spaces and `._:@/-` between them; and for more than 50.
 */
export function requireTeamNames(teams: readonly string[]): string[] {
  const distinct = [...new Set(teams.map((team) => team.trim()))];
  if (distinct.length > MOST) throw invalid(`Name at most ${MOST} teams.`);
  if (distinct.every((team) => team.length <= LONGEST && NAME.test(team))) return distinct;
  throw invalid(
    `Give each team a name of 1 to ${LONGEST} letters and digits; between them may be spaces and any of . _ : @ / -`,
  );
}

function invalid(sentence: string): AppError {
  return new AppError("INVALID_INPUT", sentence, { field: "teams" });
}
