import "reflect-metadata";
import { GraphQLJSONObject } from "graphql-scalars";
import { Field, ObjectType } from "type-graphql";
import { LicenseAuthority } from "../entities/target.js";

@ObjectType("Plugin", { description: "The code that adapts one MDM product.", simpleResolvers: true })
export class PluginInfo {
  @Field(() => String, { description: "Its name, for `addTarget`." })
  name!: string;

  @Field(() => String, { description: "The product's name, for people." })
  displayName!: string;

  @Field(() => LicenseAuthority, { description: "Who claims and returns licences for installs at its targets." })
  licenseAuthority!: LicenseAuthority;

  @Field(() => Boolean, { description: "Whether its targets need the product to call us, and so `PUBLIC_URL`." })
  needsPublicUrl!: boolean;

  @Field(() => GraphQLJSONObject, {
    description: "JSON Schema of the settings that `addTarget` takes; `secret: true` marks those never shown again.",
  })
  settingsSchema!: Record<string, unknown>;
}
