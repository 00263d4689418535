/** Tells whoever watches; the last line of all is the result. */
export function say(line: string): void {
  console.log(line);
}
