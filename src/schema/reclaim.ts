import "reflect-metadata";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Installation } from "../entities/installation.js";
import { License } from "../entities/license.js";

export const ReclaimOutcome = {
  RETURNED: "RETURNED",
  ENDED: "ENDED",
  RETURNING: "RETURNING",
  MDM_OWNED: "MDM_OWNED",
  IRREVOCABLE: "IRREVOCABLE",
  NEVER_RECLAIM: "NEVER_RECLAIM",
  STILL_WANTED: "STILL_WANTED",
  OPERATION_OPEN: "OPERATION_OPEN",
  TOKEN_NOT_WRITABLE: "TOKEN_NOT_WRITABLE",
} as const;
export type ReclaimOutcome = keyof typeof ReclaimOutcome;
registerEnumType(ReclaimOutcome, {
  name: "ReclaimOutcome",
  description: "What comes of taking one licence back. Everything but RETURNED leaves it as it is.",
  valuesConfig: {
    RETURNED: { description: "It is given back at Apple; on the device the app stops working within 30 days." },
    ENDED: { description: "It has ended already." },
    RETURNING: { description: "It is on its way back already." },
    MDM_OWNED: { description: "An MDM owns its token: take it back there." },
    IRREVOCABLE: { description: "Apple takes no licence of this app back." },
    NEVER_RECLAIM: { description: "An admin protects it: see `setNeverReclaim`." },
    STILL_WANTED: {
      description:
        "An installation wants it: see `installations`. Remove the member, uninstall, or say `evenIfWanted`.",
    },
    OPERATION_OPEN: { description: "Apple is at work on it, or has not answered yet: ask again later." },
    TOKEN_NOT_WRITABLE: { description: "Its token may not write: see the token's health." },
  },
});

@ObjectType({ description: "What comes, or would come, of taking a licence back.", simpleResolvers: true })
export class ReclaimResult {
  @Field(() => License, { description: "The licence, as it is now." })
  license!: License;

  @Field(() => ReclaimOutcome, { description: "What comes of it." })
  outcome!: ReclaimOutcome;

  @Field(() => [Installation], {
    description:
      "The installations that want it, each by its own deployment: at most as many as its holder has devices.",
  })
  installations!: Installation[];
}
