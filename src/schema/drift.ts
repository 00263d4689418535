import "reflect-metadata";
import { Field, ObjectType, registerEnumType } from "type-graphql";

export const DriftType = {
  MISSING_AT_APPLE: "MISSING_AT_APPLE",
  UNKNOWN_HERE: "UNKNOWN_HERE",
  FOREIGN_HOLDER: "FOREIGN_HOLDER",
  COUNT_MISMATCH: "COUNT_MISMATCH",
  INSTALLED_WITHOUT_LICENSE: "INSTALLED_WITHOUT_LICENSE",
  LICENSED_WITHOUT_INSTALL: "LICENSED_WITHOUT_INSTALL",
} as const;
export type DriftType = keyof typeof DriftType;
registerEnumType(DriftType, {
  name: "DriftType",
  description:
    "What Apple as last read, Allotment and an MDM say differently. What is being changed right now is no drift, nor is what an admin has decided: licences that were given, protected or reclaimed. Of tokens that an MDM owns nothing is said.",
  valuesConfig: {
    MISSING_AT_APPLE: {
      description:
        "A licence is held here, and Apple does not show it: a reading that missed it is held back since it missed too much at once, or an admin gave up its operation without Apple's word and no full reading has been made since.",
    },
    UNKNOWN_HERE: {
      description:
        "Apple shows a licence that nothing here has asked for, of a device or person that is known here: no installation uses it, and no admin has given it.",
    },
    FOREIGN_HOLDER: {
      description: "Apple shows a licence whose holder no target tells of.",
    },
    COUNT_MISMATCH: {
      description:
        "Apple's counts of an app contradict each other, or the holdings that Apple shows, also after both were read again.",
    },
    INSTALLED_WITHOUT_LICENSE: {
      description:
        "The target last saw the app on a managed device, and neither the device nor its user holds a licence of it.",
    },
    LICENSED_WITHOUT_INSTALL: {
      description:
        "A licence was claimed here, and no device has the app by it: each installation that uses it has failed, or shows nothing 24 hours after the licence came; or none uses it any more.",
    },
  },
});

export const DriftSide = { APPLE: "APPLE", ALLOTMENT: "ALLOTMENT", MDM: "MDM" } as const;
export type DriftSide = keyof typeof DriftSide;
registerEnumType(DriftSide, {
  name: "DriftSide",
  description: "Who says something.",
  valuesConfig: {
    APPLE: { description: "Apple, as last read." },
    ALLOTMENT: { description: "This installation of Allotment." },
    MDM: { description: "A target, as it last reported." },
  },
});

export const DriftRepair = {
  READ_AT_APPLE: "READ_AT_APPLE",
  LINK_HOLDER: "LINK_HOLDER",
  REQUEST_LICENSE: "REQUEST_LICENSE",
  RETURN_LICENSE: "RETURN_LICENSE",
  ASK_TARGET: "ASK_TARGET",
  NONE: "NONE",
} as const;
export type DriftRepair = keyof typeof DriftRepair;
registerEnumType(DriftRepair, {
  name: "DriftRepair",
  description: "What `repairDrift` does about a drift.",
  valuesConfig: {
    READ_AT_APPLE: { description: "The token is read in full at Apple." },
    LINK_HOLDER: { description: "The licence is linked to its holder, who has become known since." },
    REQUEST_LICENSE: { description: "The installation claims a licence." },
    RETURN_LICENSE: { description: "The licence is given back at Apple." },
    ASK_TARGET: { description: "The target is told again to install the app." },
    NONE: { description: "Nothing is done without a person, or nothing needs to be: `why` says which." },
  },
});

@ObjectType({ description: "What one side says of a drift.", simpleResolvers: true })
export class DriftEvidence {
  @Field(() => DriftSide, { description: "Who says it." })
  side!: DriftSide;

  @Field(() => String, { description: "What it says, in a sentence." })
  says!: string;

  @Field(() => Date, { nullable: true, description: "When that was so; null when nobody knows." })
  at!: Date | null;
}

@ObjectType({ description: "What repairing a drift brings about, or would.", simpleResolvers: true })
export class DriftRemedy {
  @Field(() => DriftRepair, { description: "What is done." })
  repair!: DriftRepair;

  @Field(() => String, { description: "What it brings about; with NONE, why nothing is done and who has to do what." })
  why!: string;
}

interface Key {
  readonly type: DriftType;
  readonly tokenId: string;
  readonly id: string;
}

@ObjectType({ description: "Something that Apple as last read, Allotment and an MDM say differently." })
export class LicenseDrift {
  constructor(readonly key: Key) {}

  @Field(() => DriftType, { description: "What kind of drift it is." })
  get type(): DriftType {
    return this.key.type;
  }
}
