import type { HolderKind, HolderRecords, StepStatus } from "../../../src/plugins/contract.js";

/** What the product and its plugin say to each other, as JSON over POST. */

export interface ApplyCall {
  readonly steps: readonly {
    readonly key: string;
    readonly action: "install" | "remove";
    readonly adamId: string;
    readonly device: string;
  }[];
}

/** The keys of steps whose device is not there. */
export interface ApplyAnswer {
  readonly refused: readonly string[];
}

export interface PollCall {
  readonly keys: readonly string[];
}

export interface PollAnswer {
  readonly states: readonly { readonly key: string; readonly device: string; readonly state: StepStatus["state"] }[];
}

export interface ListCall {
  readonly kind: HolderKind;
}

export interface ListAnswer {
  readonly records: readonly HolderRecords[HolderKind][];
  readonly complete: boolean;
}
