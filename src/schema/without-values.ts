/** Names of a schema are shorter than this; what is longer in quotes is something the caller sent. */
const LONGEST_NAME = 40;

/**
 * A message of graphql-js about a bad request, without the values that were sent: a token file or a password in a mistyped
 * input must not come back in an error, where logs and screens keep it.
 */
export function withoutValues(message: string): string {
  return message
    .replace(/ got invalid value [\s\S]*?( at "[\w.[\]$]+")?; (?=[A-Z])(?![\s\S]*; [A-Z])/, " got an invalid value$1; ")
    .replace(/(cannot represent [^:"]*value): [\s\S]*/, "$1.")
    .replace(/(Expected value of type "[^"]+"), found [\s\S]*/, "$1.")
    .replace(/\b(String|BlockString) "[\s\S]*"/, "$1")
    .replace(new RegExp(`"[^"]{${LONGEST_NAME + 1},}"`, "g"), '"…"');
}
