const MAX_LENGTH = 300;

/** What a product says, as it may be shown: without the secrets that we know, on one line, at a readable length. */
export function vendorText(text: string, secrets: readonly string[]): string {
  const hidden = secrets.reduce((shown, secret) => shown.replaceAll(secret, "…"), text);
  const line = hidden.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
