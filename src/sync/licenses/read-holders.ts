import { HolderKind } from "../../entities/license.js";
import type { AppleAccess } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import type { OpenHolder, OperationRecord } from "./operation-record.js";

/** Up to so many holders are asked for one by one, each an exact answer of one page. */
export const SINGLE_READS = 20;

/**
 * Who of these holders holds a licence of the operation's app at Apple, read now (rule 2). Many are found in two complete
 * reads of the app: a page that shifts between two requests must not hide a holding (rule 3).
 */
export async function readHolding(
  core: Core,
  access: AppleAccess,
  operation: OperationRecord,
  holders: readonly OpenHolder[],
): Promise<(holder: OpenHolder) => boolean> {
  const held = new Set<string>();
  const app = { adamId: operation.adamId ?? "", pricingParam: operation.pricingParam ?? "" };
  if (holders.length <= SINGLE_READS) {
    for (const holder of holders) {
      const filter = holder.kind === HolderKind.DEVICE ? { serialNumber: holder.key } : { clientUserId: holder.key };
      await collectHolding(core, access, { ...app, ...filter }, held);
    }
  } else {
    await collectHolding(core, access, app, held);
    await collectHolding(core, access, app, held);
  }
  return (holder) => held.has(`${holder.kind}:${holder.key}`);
}

async function collectHolding(
  core: Core,
  access: AppleAccess,
  filter: { adamId: string; pricingParam: string; serialNumber?: string; clientUserId?: string },
  held: Set<string>,
): Promise<void> {
  for (let pageIndex: number | null = 0; pageIndex !== null; ) {
    const page = await core.apple.assignments(access, { ...filter, pageIndex });
    for (const assignment of page.assignments) {
      if (assignment.adamId !== filter.adamId || assignment.pricingParam !== filter.pricingParam) continue;
      if (assignment.serialNumber !== null) held.add(`${HolderKind.DEVICE}:${assignment.serialNumber}`);
      if (assignment.clientUserId !== null) held.add(`${HolderKind.USER}:${assignment.clientUserId}`);
    }
    pageIndex = page.nextPageIndex;
  }
}
