/** One change of a group, in the order of time. */
export interface GroupChange {
  readonly groupId: string;
  /** `group` for a change of its own fields or its creation, `deleted` for its end. */
  readonly what: "group" | "deleted" | "added" | "removed";
  readonly memberId: string | null;
}

/** What has happened to groups, for `/groups/delta`. */
export class DeltaLog {
  readonly changes: GroupChange[] = [];
  /** Links from before are answered 410. */
  oldestValid = 0;

  add(groupId: string, what: GroupChange["what"], memberId: string | null = null): void {
    this.changes.push({ groupId, what, memberId });
  }
}
