import type { ReclaimNotice } from "../schema/mutations/leaving-mutations.js";
import type { ReclaimNotice as StoredNotice } from "../sync/deployments/reclaim-notice.js";

/** A notice as it was answered first: it has been through JSON. */
export function readNotice(notice: StoredNotice | null): ReclaimNotice | null {
  return notice && { message: notice.message, appsEndBy: new Date(notice.appsEndBy) };
}
