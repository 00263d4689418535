import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { ApiKey } from "../../entities/api-key.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which API keys to list: those that meet all that is given." })
class ApiKeyFilter {
  @Field(() => Boolean, { nullable: true, description: "True: those that were revoked. False: those that were not." })
  revoked?: boolean | null;
}

export const ApiKeyListArgs = filteredArgs(ApiKeyFilter);
export type ApiKeyListArgs = InstanceType<typeof ApiKeyListArgs>;

export const ApiKeyConnection = connectionOf("ApiKey", "API keys", () => ApiKey);
