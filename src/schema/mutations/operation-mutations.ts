import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { AppleOperation } from "../../entities/apple-operation.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "An operation at Apple to be tried again." })
export class RetryAppleOperationInput extends MutationInput {
  @Field(() => ID, { description: "The operation." })
  appleOperation!: string;
}

@ObjectType({ description: "An operation that is tried again; the work goes on after this answer." })
export class RetryAppleOperationPayload {
  @Field(() => AppleOperation, {
    description: "The operation. One that is over stays as it is: what it failed in is asked for by new operations.",
  })
  appleOperation!: AppleOperation;

  @Field(() => Int, {
    description: "For how many holders what had failed is asked for anew; 0 for an operation that is not over.",
  })
  requestedAnewCount!: number;
}

@InputType({ description: "An operation at Apple to be given up." })
export class AbandonAppleOperationInput extends MutationInput {
  @Field(() => ID, { description: "The operation." })
  appleOperation!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "True gives it up even if Apple cannot be asked, or is still at work on it: what may leak is then in `leakedLicenses`. Takes the role ADMIN.",
  })
  force!: boolean;
}

@ObjectType({ description: "An operation that was given up." })
export class AbandonAppleOperationPayload {
  @Field(() => AppleOperation, { description: "The operation, with the outcome of each holder." })
  appleOperation!: AppleOperation;

  @Field(() => Int, { description: "Holders of whom Apple showed that it is so." })
  settledCount!: number;

  @Field(() => Int, {
    description: "Holders of whom Apple showed that it is not so: what was set aside is free again.",
  })
  releasedCount!: number;

  @Field(() => Int, {
    description: "Holders whose licence is, or may be, at Apple although nothing here wants it: see `leakedLicenses`.",
  })
  mayLeakCount!: number;
}
