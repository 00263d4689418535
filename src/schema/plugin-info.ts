import "reflect-metadata";
import { GraphQLJSONObject } from "graphql-scalars";
import { Field, ObjectType } from "type-graphql";
import { LicenseAuthority } from "../entities/target.js";

@ObjectType({
  description: "What the products of a plugin can do by their nature; what one target allows, its findings tell.",
  simpleResolvers: true,
})
export class PluginAbilities {
  @Field(() => Boolean, { description: "Whether users are imported." })
  listsUsers!: boolean;

  @Field(() => Boolean, { description: "Whether devices are imported. Else they become known as they report." })
  listsDevices!: boolean;

  @Field(() => Boolean, { description: "Whether the product's own groups are imported as collections." })
  listsCollections!: boolean;

  @Field(() => Boolean, { description: "Whether the product keeps an object of its own for each app." })
  hasApplications!: boolean;

  @Field(() => Boolean, { description: "Whether the product can be asked what became of installs." })
  polls!: boolean;

  @Field(() => Boolean, {
    description: "Whether the product calls us about users and devices: see `Target.webhookUrl`.",
  })
  webhookTellsHolders!: boolean;

  @Field(() => Boolean, { description: "Whether the product calls us about installs: see `Target.webhookUrl`." })
  webhookTellsStatuses!: boolean;

  @Field(() => Boolean, { description: "Whether people are shown Apple's invitation on their devices." })
  showsInvitations!: boolean;

  @Field(() => Boolean, {
    description: "Whether devices that had enrolled before the target was added are asked for their serial numbers.",
  })
  asksDevices!: boolean;

  @Field(() => Boolean, {
    description:
      "Whether the product goes on acting by what a deployment has set up there, so that it is ended with it.",
  })
  releases!: boolean;

  @Field(() => Boolean, { description: "Whether the product is reached over the network." })
  network!: boolean;
}

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

  @Field(() => PluginAbilities, { description: "What its products can do." })
  abilities!: PluginAbilities;

  @Field(() => GraphQLJSONObject, {
    description:
      "JSON Schema of the settings that `addTarget` takes, to draw a form from: each has a title; `secret: true` marks those never shown again.",
  })
  settingsSchema!: Record<string, unknown>;
}
