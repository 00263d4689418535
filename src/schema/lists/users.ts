import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { User } from "../../entities/user.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which users to list: those that meet all that is given." })
class UserFilter {
  @Field(() => String, {
    nullable: true,
    description: "Whose sign-in name, name or e-mail address contains this, whatever the case.",
  })
  search?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: those whom no target knows any more. False: those whom one does.",
  })
  left?: boolean | null;
}

const UserOrder = orderOf("User", {
  DISPLAY_NAME: "The name that people read.",
  PRINCIPAL_NAME: "The sign-in name.",
});

export const UserListArgs = listArgs(UserFilter, UserOrder);
export type UserListArgs = InstanceType<typeof UserListArgs>;

export const UserConnection = connectionOf("User", "users", () => User);
