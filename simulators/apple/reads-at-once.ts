/** How many pages of one list, as it was asked for, are read at a time with one token: Apple asks for five at most. */
export class ReadsAtOnce {
  /** The most there have been. */
  most = 0;
  readonly #underWay = new Map<string, number>();

  /** @returns what is to be called once, when the page is answered or nobody waits for it any more. */
  begin(path: string, query: URLSearchParams, authorization: string | undefined): () => void {
    const filters = [...query].filter(([name]) => name !== "pageIndex");
    const key = JSON.stringify([path, filters, authorization]);
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
