import { z } from "zod";

/** Who claims, beside the id: which state of our data, and which copy of it. */
export interface ClaimMark {
  readonly epoch: number;
  /** Null in the older form, which has the epoch alone. */
  readonly instance: string | null;
}

const mark = z.object({ epoch: z.int().min(0), instance: z.uuid().toLowerCase().nullish() });

/** The `metadata` of our claim: at most 75 characters, where Apple takes 255. */
export function claimMetadata({ epoch, instance }: ClaimMark): string {
  return JSON.stringify({ epoch, instance });
}

/** Reads the `metadata` of a claim that has our id; null when it is in no form of ours. */
export function readClaimMetadata(metadata: string): ClaimMark | null {
  try {
    const { epoch, instance } = mark.parse(JSON.parse(metadata));
    return { epoch, instance: instance ?? null };
  } catch {
    return null;
  }
}
