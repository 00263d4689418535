/** How many reads of one list with one token are under way at a time: Apple asks for five at most. */
export class ReadsAtOnce {
  /** The most there have been. */
  most = 0;
  readonly #underWay = new Map<string, number>();

  /** @returns what is to be called once the read is answered. */
  begin(path: string, authorization: string | undefined): () => void {
    const key = `${path} ${authorization}`;
    const count = (this.#underWay.get(key) ?? 0) + 1;
    this.#underWay.set(key, count);
    this.most = Math.max(this.most, count);
    return () => {
      const left = (this.#underWay.get(key) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(key);
      else this.#underWay.set(key, left);
    };
  }
}
