/**
 * A part of a list that is as wrong as the whole, and none of whose parts of one element less has been seen to be.
 * @param isWrong plays a part; since moments are not chosen by the seed, a wrong one may go unnoticed.
 * @param plays how often it may be asked.
 */
export async function shorten<Item>(
  items: readonly Item[],
  isWrong: (part: readonly Item[]) => Promise<boolean>,
  plays: number,
): Promise<readonly Item[]> {
  let shortest = items;
  let left = plays;
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < shortest.length && left > 0; ) {
      const part = [...shortest.slice(0, start), ...shortest.slice(start + size)];
      left -= 1;
      if (await isWrong(part)) shortest = part;
      else start += size;
    }
  }
  return shortest;
}
