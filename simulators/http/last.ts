/** The last rows, as many as that. */
export function last<Row>(rows: readonly Row[], limit: number): readonly Row[] {
  return limit === 0 ? [] : rows.slice(-limit);
}
