import { AppError } from "../errors.js";

const MAX_PAGE = 500;
/** What a caller gets who does not say how many. */
export const DEFAULT_PAGE = 50;

/**
 * How many items a caller wants, and from which end.
 * @throws AppError INVALID_INPUT for both ends or a negative number, LIMIT_EXCEEDED for more than 500.
 */
export function pageSize(request: { readonly first?: number | null; readonly last?: number | null }): {
  readonly size: number;
  readonly backward: boolean;
} {
  const first = request.first ?? null;
  const last = request.last ?? null;
  if (first !== null && last !== null) {
    throw new AppError("INVALID_INPUT", "Give either `first` or `last`, not both.", { first, last });
  }
  const size = first ?? last ?? DEFAULT_PAGE;
  if (size < 0) {
    throw new AppError("INVALID_INPUT", "`first` and `last` count items: give zero or more.", { first, last });
  }
  refuseOversize(size);
  return { size, backward: last !== null };
}

/** @throws AppError LIMIT_EXCEEDED when there are more than one page may hold. */
export function refuseOversize(size: number): void {
  if (size > MAX_PAGE) {
    throw new AppError("LIMIT_EXCEEDED", `Ask for at most ${MAX_PAGE} at a time.`, {
      kind: "pageSize",
      limit: MAX_PAGE,
      asked: size,
    });
  }
}
