/** Records without repetitions, which a listing that shifts while it is read can have: the last of each id counts. */
export function lastOfEach<Record extends { readonly externalId: string }>(records: readonly Record[]): Record[] {
  return [...new Map(records.map((record) => [record.externalId, record])).values()];
}
