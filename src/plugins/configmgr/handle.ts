import { z } from "zod";
import type { Wish } from "./own-collections.js";

/** What a Step's note says: all Steps of one app and wish share it. */
export interface Handle {
  readonly wish: Wish;
  readonly collectionId: string;
  /** Of the application: its deployment is found by both, and may be another one than at first. */
  readonly modelId: number;
}

const shape = z.object({
  v: z.literal(1),
  wish: z.enum(["install", "uninstall"]),
  collection: z.string().min(1).max(50),
  model: z.number().int(),
});

export function writeHandle({ wish, collectionId, modelId }: Handle): string {
  return JSON.stringify({ v: 1, wish, collection: collectionId, model: modelId } satisfies z.infer<typeof shape>);
}

/** Null for a note that is none of ours. */
export function readHandle(text: string): Handle | null {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const read = shape.safeParse(value);
  return read.success ? { wish: read.data.wish, collectionId: read.data.collection, modelId: read.data.model } : null;
}
