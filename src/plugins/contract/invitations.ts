import type { UserRecord } from "./holders.js";
import type { Step } from "./steps.js";

/** Apple's invitation to its programme, which a person has to accept before they can use a licence of their own. */
export interface Invitation {
  /** Made by the core, at most 120 printable ASCII characters. The same key again shows it no second time. */
  readonly key: string;
  /** Where the person accepts it. */
  readonly url: string;
  /** A device of theirs. */
  readonly device: Step["device"];
  /** The person; null when this product does not know them, but another one. */
  readonly user: Pick<UserRecord, "externalId" | "principalName"> | null;
}
