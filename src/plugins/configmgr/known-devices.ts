import { z } from "zod";
import type { Step, StepOutcome } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { anyOf, inParts } from "./odata.js";
import * as wire from "./wire.js";

/** A Step whose device the site knows. */
export interface Told {
  readonly step: Step;
  readonly resourceId: number;
}

const IDS_A_FILTER = 40;
const shape = z.object({ ResourceID: wire.system.shape.ResourceID });

/** Steps with the site's number of their device, and the outcomes of those whose device it does not know. */
export async function findKnownDevices(
  service: AdminService,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<{ told: Told[]; outcomes: StepOutcome[] }> {
  const numbers = steps.map(({ device }) => (/^\d{1,15}$/.test(device.externalId) ? Number(device.externalId) : null));
  const known = new Set<number>();
  const asked = numbers.filter((number) => number !== null);
  for (const part of inParts([...new Set(asked)], IDS_A_FILTER)) {
    const query = { filter: anyOf("ResourceID", part), select: ["ResourceID"] };
    for (const { ResourceID } of await service.list("SMS_R_System", shape, query, signal)) known.add(ResourceID);
  }
  const told: Told[] = [];
  const outcomes: StepOutcome[] = [];
  for (const [index, step] of steps.entries()) {
    const resourceId = numbers[index] ?? null;
    if (resourceId !== null && known.has(resourceId)) told.push({ step, resourceId });
    else outcomes.push(unknownDevice(step));
  }
  return { told, outcomes };
}

function unknownDevice({ key, device }: Step): StepOutcome {
  return {
    key,
    outcome: "failed",
    failure: {
      code: "DEVICE_UNKNOWN",
      detail: `The site has no resource ${device.externalId}.`,
      remedy: "Enrol the device again, then import the target's devices.",
    },
  };
}
