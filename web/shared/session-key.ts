const NAME = "allotment.key";

/** What a header can carry; spaces around it come from copying. */
export const KEY_PATTERN = "\\s*[!-~]+\\s*";

/** The API key that was given in this tab of the browser, to whichever page of ours; null when none was. It goes with the tab. */
export function sessionKey(): string | null {
  return sessionStorage.getItem(NAME);
}

/** Keeps a key for this tab, or, when it was refused, forgets it. */
export function setSessionKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
}

/** Forgets all that was given in this tab: the key, and what was typed in the Playground, which may be a token's file. */
export function forgetSession(): void {
  sessionStorage.clear();
}
