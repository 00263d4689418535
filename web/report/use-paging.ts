import { useState } from "preact/hooks";
import type { PageInfo } from "./queries.js";

/** Where in a list we are: the arguments of Relay's connections, and the number of the first row. */
export interface Place {
  readonly first: number | null;
  readonly after: string | null;
  readonly last: number | null;
  readonly before: string | null;
}

export interface Paging {
  readonly place: Place;
  readonly from: number;
  readonly size: number;
  next(page: PageInfo): void;
  previous(page: PageInfo): void;
  /** Back to the first page, of another size if one is given. */
  restart(size?: number): void;
}

const start = (size: number): Place => ({ first: size, after: null, last: null, before: null });

/** Walks through a list page by page, by its cursors. */
export function usePaging(initialSize: number): Paging {
  const [size, setSize] = useState(initialSize);
  const [place, setPlace] = useState(() => start(initialSize));
  const [from, setFrom] = useState(1);
  return {
    place,
    from,
    size,
    next({ endCursor }) {
      setPlace({ ...start(size), after: endCursor });
      setFrom(from + size);
    },
    previous({ startCursor }) {
      // A page that was emptied meanwhile leads nowhere.
      const firstPage = from - size <= 1 || startCursor === null;
      setPlace(firstPage ? start(size) : { first: null, after: null, last: size, before: startCursor });
      setFrom(firstPage ? 1 : from - size);
    },
    restart(newSize = size) {
      setSize(newSize);
      setPlace(start(newSize));
      setFrom(1);
    },
  };
}
