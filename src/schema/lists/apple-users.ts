import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { AppleUser, AppleUserStatus } from "../../entities/apple-user.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which registrations with Apple to list: those that meet all that is given." })
class AppleUserFilter {
  @Field(() => ID, { nullable: true, description: "With this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this person." })
  user?: string | null;

  @Field(() => [AppleUserStatus], {
    nullable: true,
    description: "That have come so far; `[REGISTERED]` for invitations that wait for their person.",
  })
  status?: AppleUserStatus[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: of people who are known here. False: of those whom only Apple knows.",
  })
  known?: boolean | null;
}

export const AppleUserListArgs = filteredArgs(AppleUserFilter);
export type AppleUserListArgs = InstanceType<typeof AppleUserListArgs>;

export const AppleUserConnection = connectionOf("AppleUser", "registrations with Apple", () => AppleUser);
