import "reflect-metadata";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { License, LicenseCause } from "../entities/license.js";

export const LicenseEventKind = { STARTED: "STARTED", ENDED: "ENDED" } as const;
export type LicenseEventKind = keyof typeof LicenseEventKind;
registerEnumType(LicenseEventKind, {
  name: "LicenseEventKind",
  description: "Which end of a holding.",
  valuesConfig: {
    STARTED: { description: "It was claimed here, or found at Apple." },
    ENDED: { description: "It came back, or Apple refused it." },
  },
});

@ObjectType({ description: "The start or the end of one holding: who did it, why and when.", simpleResolvers: true })
export class LicenseEvent {
  @Field(() => LicenseEventKind, { description: "Start or end." })
  kind!: LicenseEventKind;

  @Field(() => Date, { description: "When." })
  at!: Date;

  @Field(() => LicenseCause, { description: "Why." })
  cause!: LicenseCause;

  @Field(() => String, { description: "Who." })
  actor!: string;

  @Field(() => License, { description: "The holding." })
  license!: License;

  @Field(() => Date, {
    nullable: true,
    description:
      "Only in the subscription `licenseEvents`: before this one were more than it tells at once, and those of this moment or later may have been left out. The query `licenseEvents(filter: { since: … })` has them. Null where none was left out.",
  })
  leftOutSince?: Date;
}
