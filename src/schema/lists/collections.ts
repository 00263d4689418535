import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { Collection, CollectionKind } from "../../entities/collection.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which collections to list: those that meet all that is given." })
class CollectionFilter {
  @Field(() => CollectionKind, { nullable: true, description: "Of users only, or of devices only." })
  kind?: CollectionKind | null;

  @Field(() => ID, { nullable: true, description: "Owned by this target." })
  target?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: those kept by hand here. False: those that a target owns.",
  })
  local?: boolean | null;

  @Field(() => String, { nullable: true, description: "Whose name contains this, whatever the case." })
  nameContains?: string | null;
}

const CollectionOrder = orderOf("Collection", {
  NAME: "The name.",
  ADDED_AT: "When it was made or first seen.",
});

export const CollectionListArgs = listArgs(CollectionFilter, CollectionOrder);
export type CollectionListArgs = InstanceType<typeof CollectionListArgs>;

export const CollectionConnection = connectionOf("Collection", "collections", () => Collection);
