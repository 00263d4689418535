import type { EpochFile, EpochRecord } from "../../src/sync/core.js";

/** A data directory that remembers as long as the test. */
export function createMemoryEpochFile(): EpochFile {
  let remembered: EpochRecord | null = null;
  return {
    read: async () => remembered,
    write: async (record) => {
      remembered = record;
    },
  };
}
