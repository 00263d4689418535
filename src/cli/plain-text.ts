/** What others have named or said, in one line: a terminal must not take a part of it for an order. */
export function plainText(said: string): string {
  return said.replaceAll(/\p{Cc}+/gu, " ");
}
