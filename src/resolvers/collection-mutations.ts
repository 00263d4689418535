import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Collection } from "../entities/collection.js";
import { Device } from "../entities/device.js";
import { Role } from "../entities/role.js";
import { User } from "../entities/user.js";
import { requireId } from "../queries/node-key.js";
import {
  AddCollectionMembersInput,
  AddCollectionMembersPayload,
  CreateCollectionInput,
  CreateCollectionPayload,
  DeleteCollectionInput,
  DeleteCollectionPayload,
  RemoveCollectionMembersInput,
  RemoveCollectionMembersPayload,
  UpdateCollectionInput,
  UpdateCollectionPayload,
} from "../schema/mutations/collection-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { noticeOfLeaving } from "../sync/deployments/notice-of-leaving.js";
import { addCollectionMembers } from "../sync/holders/add-collection-members.js";
import { confirmShrink } from "../sync/holders/confirm-shrink.js";
import { createCollection } from "../sync/holders/create-collection.js";
import { deleteCollection } from "../sync/holders/delete-collection.js";
import { removeCollectionMembers } from "../sync/holders/remove-collection-members.js";
import { renameCollection } from "../sync/holders/rename-collection.js";
import { change } from "./change.js";
import type { Context } from "./context.js";
import { readNotice } from "./read-notice.js";

@Resolver()
export class CollectionMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => CreateCollectionPayload, { description: "Makes a collection that is kept by hand here." })
  async createCollection(
    @Ctx() context: Context,
    @Input(() => CreateCollectionInput) input: CreateCollectionInput,
  ): Promise<CreateCollectionPayload> {
    const { name, kind } = input;
    const teams = context.access.teams ?? [];
    const { collectionId } = await change(context, "createCollection", input, {
      commit: async (tx) => ({ collectionId: await createCollection(tx, context.core, { name, kind, teams }) }),
    });
    return { collection: await context.loaders.require(Collection, collectionId) };
  }

  @Allow(Role.OPERATOR, { own: true })
  @Mutation(() => UpdateCollectionPayload, {
    description: "Renames a collection, or lets a held-back listing through.",
  })
  async updateCollection(
    @Ctx() context: Context,
    @Input(() => UpdateCollectionInput) input: UpdateCollectionInput,
  ): Promise<UpdateCollectionPayload> {
    const { core, loaders } = context;
    const { collectionId } = await change(context, "updateCollection", input, {
      commit: async (tx) => {
        const collectionId = requireId(Collection, input.collection);
        if (typeof input.name === "string") await renameCollection(tx, core, collectionId, input.name);
        if (input.confirmShrink) await confirmShrink(tx, core, collectionId);
        return { collectionId };
      },
    });
    return { collection: await loaders.require(Collection, collectionId) };
  }

  @Allow(Role.OPERATOR, { own: true })
  @Mutation(() => DeleteCollectionPayload, { description: "Deletes a collection that no deployment goes to." })
  async deleteCollection(
    @Ctx() context: Context,
    @Input(() => DeleteCollectionInput) input: DeleteCollectionInput,
  ): Promise<DeleteCollectionPayload> {
    await change(context, "deleteCollection", input, {
      commit: async (tx) => {
        await deleteCollection(tx, context.core, requireId(Collection, input.collection));
        return {};
      },
    });
    return { deletedCollectionId: input.collection };
  }

  @Allow(Role.OPERATOR, { own: true })
  @Mutation(() => AddCollectionMembersPayload, { description: "Puts members into a collection kept by hand." })
  async addCollectionMembers(
    @Ctx() context: Context,
    @Input(() => AddCollectionMembersInput) input: AddCollectionMembersInput,
  ): Promise<AddCollectionMembersPayload> {
    const { collectionId } = await change(context, "addCollectionMembers", input, {
      commit: async (tx) => {
        const collectionId = requireId(Collection, input.collection);
        await addCollectionMembers(tx, context.core, collectionId, memberIds(input));
        return { collectionId };
      },
    });
    return { collection: await context.loaders.require(Collection, collectionId) };
  }

  @Allow(Role.OPERATOR, { own: true })
  @Mutation(() => RemoveCollectionMembersPayload, { description: "Takes members out of a collection kept by hand." })
  async removeCollectionMembers(
    @Ctx() context: Context,
    @Input(() => RemoveCollectionMembersInput) input: RemoveCollectionMembersInput,
  ): Promise<RemoveCollectionMembersPayload> {
    const { collectionId, notice } = await change(context, "removeCollectionMembers", input, {
      commit: async (tx) => {
        const collectionId = requireId(Collection, input.collection);
        const removed = await removeCollectionMembers(tx, context.core, collectionId, memberIds(input));
        return { collectionId, notice: removed > 0 ? await noticeOfLeaving(tx, context.core, collectionId) : null };
      },
    });
    return {
      collection: await context.loaders.require(Collection, collectionId),
      reclaimNotice: readNotice(notice),
    };
  }
}

function memberIds({ users, devices }: { users: string[]; devices: string[] }) {
  return {
    userIds: users.map((user) => requireId(User, user)),
    deviceIds: devices.map((device) => requireId(Device, device)),
  };
}
