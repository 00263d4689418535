import { formatCount } from "./format.js";
import type { PageInfo } from "./queries.js";
import type { Paging } from "./use-paging.js";

interface PagerProps {
  /** What the list is of: `apps`. */
  readonly noun: string;
  readonly paging: Paging;
  readonly page: PageInfo;
  readonly shown: number;
  readonly total: number;
}

/** Says which rows of how many are shown, and leads to the others. */
export function Pager({ noun, paging, page, shown, total }: PagerProps) {
  const to = paging.from + shown - 1;
  return (
    <nav class="pager" aria-label={`Pages of ${noun}`}>
      <p role="status">
        {formatCount(paging.from)}–{formatCount(to)} of {formatCount(total)} {noun}
      </p>
      <button type="button" disabled={paging.from === 1} onClick={() => paging.previous(page)}>
        Previous
      </button>
      <button type="button" disabled={!page.hasNextPage} onClick={() => paging.next(page)}>
        Next
      </button>
    </nav>
  );
}
