import { quote } from "./json-text.js";

/** Stands for a part of a sentence that SQL gives; in no text of ours. */
const markOf = (at: number) => `<<${at}>>`;
const MARK = /<<(\d)>>/;

/**
 * SQL for a sentence that code makes as well.
 * @param sentence makes it of its parts
 * @param parts SQL of them
 */
export function sentenceSql(sentence: (...parts: string[]) => string, ...parts: readonly string[]): string {
  const pieces = sentence(...parts.map((_, at) => markOf(at))).split(MARK);
  // What stands between two texts is the number of a mark.
  return pieces.map((piece, at) => (at % 2 === 0 ? quote(piece) : parts[Number(piece)])).join(" || ");
}
