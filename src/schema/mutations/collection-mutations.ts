import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Collection, CollectionKind } from "../../entities/collection.js";
import { ReclaimNotice } from "./leaving-mutations.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "A collection to be kept by hand here." })
export class CreateCollectionInput extends MutationInput {
  @Field(() => String, { description: "Its name, unique among those kept by hand: 1 to 200 characters." })
  name!: string;

  @Field(() => CollectionKind, { description: "What it holds; cannot be changed later." })
  kind!: CollectionKind;
}

@ObjectType({ description: "A collection that was made." })
export class CreateCollectionPayload {
  @Field(() => Collection, { description: "The collection." })
  collection!: Collection;
}

@InputType({ description: "What to change of a collection." })
export class UpdateCollectionInput extends MutationInput {
  @Field(() => ID, { description: "The collection." })
  collection!: string;

  @Field(() => String, {
    nullable: true,
    description: "The new name, 1 to 200 characters; only of one kept by hand here.",
  })
  name?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "True: the members that a listing no longer shows may leave, however many they are (see `shrinkHeldAt`).",
  })
  confirmShrink!: boolean;
}

@ObjectType({ description: "A collection that was changed." })
export class UpdateCollectionPayload {
  @Field(() => Collection, { description: "The collection." })
  collection!: Collection;
}

@InputType({ description: "A collection to be deleted; refused with CONFLICT while deployments go to it." })
export class DeleteCollectionInput extends MutationInput {
  @Field(() => ID, { description: "The collection." })
  collection!: string;
}

@ObjectType({ description: "A collection that was deleted." })
export class DeleteCollectionPayload {
  @Field(() => ID, { description: "The id it had." })
  deletedCollectionId!: string;
}

@InputType({ description: "Members to be put into a collection kept by hand. Those that are in it already stay." })
export class AddCollectionMembersInput extends MutationInput {
  @Field(() => ID, { description: "The collection." })
  collection!: string;

  @Field(() => [ID], { defaultValue: [], description: "Users, in a collection of users." })
  users!: string[];

  @Field(() => [ID], { defaultValue: [], description: "Devices, in a collection of devices." })
  devices!: string[];
}

@ObjectType({ description: "A collection that members were put into." })
export class AddCollectionMembersPayload {
  @Field(() => Collection, { description: "The collection." })
  collection!: Collection;
}

@InputType({ description: "Members to be taken out of a collection kept by hand." })
export class RemoveCollectionMembersInput extends MutationInput {
  @Field(() => ID, { description: "The collection." })
  collection!: string;

  @Field(() => [ID], { defaultValue: [], description: "Users, in a collection of users." })
  users!: string[];

  @Field(() => [ID], { defaultValue: [], description: "Devices, in a collection of devices." })
  devices!: string[];
}

@ObjectType({ description: "A collection that members were taken out of." })
export class RemoveCollectionMembersPayload {
  @Field(() => Collection, { description: "The collection." })
  collection!: Collection;

  @Field(() => ReclaimNotice, {
    nullable: true,
    description: "Null unless deployments to the collection take licences back from those who leave.",
  })
  reclaimNotice!: ReclaimNotice | null;
}
