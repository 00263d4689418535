import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { ApiKey } from "../entities/api-key.js";
import { Role } from "../entities/role.js";
import { requireId } from "../queries/node-key.js";
import {
  CreateApiKeyInput,
  CreateApiKeyPayload,
  RevokeApiKeyInput,
  RevokeApiKeyPayload,
} from "../schema/mutations/api-key-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { newApiKeyText } from "../sync/access/api-key-text.js";
import { createApiKey } from "../sync/access/create-api-key.js";
import { revokeApiKey } from "../sync/access/revoke-api-key.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class ApiKeyMutations {
  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => CreateApiKeyPayload, { description: "Makes a key that opens this API. Takes the role ADMIN." })
  async createApiKey(
    @Ctx() context: Context,
    @Input(() => CreateApiKeyInput) input: CreateApiKeyInput,
  ): Promise<CreateApiKeyPayload> {
    const { name, role, teams = null, expiresAt = null } = input;
    const key = newApiKeyText();
    const { id, prefix } = await change(context, "createApiKey", input, {
      commit: async (tx) => {
        const wanted = { name, role, teams, expiresAt };
        return { id: await createApiKey(tx, context.core, wanted, key, context.actor), prefix: key.prefix };
      },
    });
    return { apiKey: await context.loaders.require(ApiKey, id), key: prefix === key.prefix ? key.text : null };
  }

  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => RevokeApiKeyPayload, {
    description: "Ends a key for ever, on every replica and for its open subscriptions. Takes the role ADMIN.",
  })
  async revokeApiKey(
    @Ctx() context: Context,
    @Input(() => RevokeApiKeyInput) input: RevokeApiKeyInput,
  ): Promise<RevokeApiKeyPayload> {
    const { id } = await change(context, "revokeApiKey", input, {
      commit: async (tx) => {
        const id = requireId(ApiKey, input.apiKey);
        await revokeApiKey(tx, context.core, id, context.actor);
        return { id };
      },
    });
    return { apiKey: await context.loaders.require(ApiKey, id) };
  }
}
