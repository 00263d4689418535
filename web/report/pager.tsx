import { formatCount } from "./format.js";
import type { PageInfo } from "./queries.js";
import type { Paging } from "./use-paging.js";

interface PagerProps {
  /** What the list is of: `apps`. */
  readonly noun: string;
  readonly paging: Paging;
  readonly page: PageInfo;
  readonly shown: number;
  /** Null while they are being counted. */
  readonly total: number | null;
  /** Whether another page is on its way: what `page` leads to is not what would be seen. */
  readonly turning: boolean;
}

/** Says which rows of how many are shown, and leads to the others. */
export function Pager({ noun, paging, page, shown, total, turning }: PagerProps) {
  const rows = shown === 0 ? "None" : `${formatCount(paging.from)}–${formatCount(paging.from + shown - 1)}`;
  return (
    <nav class="pager" aria-label={`Pages of ${noun}`}>
      <p role="status">{turning ? "Reading…" : `${rows} of ${total === null ? "…" : formatCount(total)} ${noun}`}</p>
      <button type="button" disabled={paging.from === 1} onClick={() => turning || paging.previous(page)}>
        Previous
      </button>
      <button type="button" disabled={!page.hasNextPage} onClick={() => turning || paging.next(page)}>
        Next
      </button>
    </nav>
  );
}
