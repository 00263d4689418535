import type { Page } from "../../apple/apple-client.js";
import { AppleError } from "../../apple/apple-error.js";
import { inParallel } from "./in-parallel.js";
import type { Progress } from "./progress.js";

/** Apple allows five parallel requests for pages of one list. */
export const PARALLEL_READS = 5;

/** Apple's number for a page that does not exist, or no longer. */
const NO_SUCH_PAGE = 9650;

/** A list as it was read, from its first page. */
export interface ListRead {
  /** Page 0's: from here a delta tells everything. */
  readonly versionId: string;
  /** When page 0 was asked for: what the list does not show was not there after it. */
  readonly requestedAt: Date;
  /** The list has changed while it was read. */
  readonly moved: boolean;
  /** Rows of a kind this release does not know. */
  readonly skipped: number;
}

/**
 * Reads a list to its end, page 0 first, then up to five at a time; each page is handed on and forgotten. The number of
 * pages may change meanwhile: it is taken from every page anew.
 * @throws AppleError of the first page that cannot be read.
 */
export async function readPages<SomePage extends Page>(
  read: (pageIndex: number) => Promise<SomePage>,
  take: (page: SomePage) => Promise<void>,
  progress: Progress,
): Promise<ListRead> {
  const first = await read(0);
  let known = pagesKnown(first);
  let moved = false;
  let skipped = 0;
  progress.expect(known);

  const accept = async (page: SomePage): Promise<void> => {
    moved ||= page.versionId !== first.versionId;
    skipped += page.skipped;
    if (pagesKnown(page) > known) {
      progress.expect(pagesKnown(page) - known);
      known = pagesKnown(page);
    }
    await take(page);
    progress.pageRead();
  };

  await accept(first);
  for (let next = 1; next < known; ) {
    const indexes = Array.from({ length: known - next }, (_, offset) => next + offset);
    next = known;
    await inParallel(indexes, PARALLEL_READS, async (index) => {
      const page = await unlessGone(read(index));
      if (page) await accept(page);
      else moved = true;
    });
  }
  return { versionId: first.versionId, requestedAt: first.requestedAt, moved, skipped };
}

function pagesKnown(page: Page): number {
  return Math.max(page.totalPages, page.nextPageIndex === null ? 1 : page.nextPageIndex + 1);
}

async function unlessGone<SomePage>(reading: Promise<SomePage>): Promise<SomePage | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppleError && error.errorNumber === NO_SUCH_PAGE) return null;
    throw error;
  }
}
