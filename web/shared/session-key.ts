const NAME = "allotment.key";

/** The API key that was given in this tab of the browser, to whichever page of ours; null when none was. It goes with the tab. */
export function sessionKey(): string | null {
  return sessionStorage.getItem(NAME);
}

/** Keeps a key for this tab, or forgets it. */
export function setSessionKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
}
