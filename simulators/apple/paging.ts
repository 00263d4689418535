import { ServiceError } from "./errors.js";
import type { RowSource } from "./ordered-rows.js";

export interface PageEnvelope {
  currentPageIndex: number;
  nextPageIndex?: number;
  size: number;
  totalPages: number;
}

/**
 * One page of a list. An empty list has one empty page, since an empty delta is an answer and not an error.
 * @param pageIndex zero based.
 * @throws ServiceError 9650 outside 0 to totalPages - 1.
 */
export function readPage<Row>(
  source: RowSource<Row>,
  pageIndex: number,
  pageSize: number,
): { rows: Row[]; envelope: PageEnvelope } {
  const totalPages = Math.max(1, Math.ceil(source.size / pageSize));
  if (pageIndex < 0 || pageIndex >= totalPages) throw new ServiceError(9650);
  const rows = source.slice(pageIndex * pageSize, pageSize);
  const envelope: PageEnvelope = { currentPageIndex: pageIndex, size: rows.length, totalPages };
  if (pageIndex + 1 < totalPages) envelope.nextPageIndex = pageIndex + 1;
  return { rows, envelope };
}
