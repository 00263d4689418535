/** Both spellings of the place for the code in Apple's `invitationEmail` address. */
const PLACEHOLDERS = ["%25inviteCode%25", "%inviteCode%"];

/** Where a person accepts an invitation; null when there is nothing to accept or Apple names no address. */
export function invitationUrl(template: string | undefined, inviteCode: string | null): string | null {
  if (template === undefined || inviteCode === null) return null;
  const code = encodeURIComponent(inviteCode);
  return PLACEHOLDERS.reduce((url, placeholder) => url.replaceAll(placeholder, code), template);
}
