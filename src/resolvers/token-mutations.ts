import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { SyncRun } from "../entities/sync-run.js";
import { Token } from "../entities/token.js";
import { requireId } from "../queries/node-key.js";
import { requireAccess } from "../schema/access.js";
import { Input } from "../schema/mutations/mutation-input.js";
import {
  AddTokenInput,
  AddTokenPayload,
  RemoveTokenInput,
  RemoveTokenPayload,
  RenewTokenInput,
  RenewTokenPayload,
  ResumeTokenInput,
  ResumeTokenPayload,
  SuspendTokenInput,
  SuspendTokenPayload,
  SyncTokenInput,
  SyncTokenPayload,
  UpdateTokenInput,
  UpdateTokenPayload,
} from "../schema/mutations/token-mutations.js";
import { removeToken } from "../sync/deployments/remove-token.js";
import { addToken, prepareToken } from "../sync/tokens/add-token.js";
import { prepareRenewal, renewToken } from "../sync/tokens/renew-token.js";
import { requestManualSync } from "../sync/tokens/request-manual-sync.js";
import { resumeToken } from "../sync/tokens/resume-token.js";
import { suspendToken } from "../sync/tokens/suspend-token.js";
import { updateToken } from "../sync/tokens/update-token.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class TokenMutations {
  @Allow(Role.ADMIN)
  @Mutation(() => AddTokenPayload, {
    description:
      "Adds a content token, claims its location, and reads all it owns. CONFLICT for a file or a location that is here already, TOKEN_LIMIT_REACHED for one too many, TOKEN_INVALID, TOKEN_EXPIRED or TOKEN_REVOKED for a file that is no good, PRECONDITION_FAILED for one of Apple School Manager, APPLE_UNAVAILABLE while Apple cannot be asked. Nothing is kept then.",
  })
  async addToken(@Ctx() context: Context, @Input(() => AddTokenInput) input: AddTokenInput): Promise<AddTokenPayload> {
    const { core, loaders } = context;
    const { file, name, description = null, categories, contacts, replaceAccount } = input;
    const teams = context.access.teams ?? [];
    if (replaceAccount) {
      const rule = { role: Role.ADMIN, allTeams: true, own: false };
      requireAccess(context.access, rule, "To replace the account of this installation");
    }
    const { tokenId, syncRunId } = await change(context, "addToken", input, {
      prepare: () => prepareToken(core, { file, name, description, categories, contacts, replaceAccount, teams }),
      commit: (tx, prepared) => addToken(tx, core, prepared),
    });
    return {
      token: await loaders.require(Token, tokenId),
      syncRun: await loaders.require(SyncRun, tokenId, syncRunId),
    };
  }

  @Allow(Role.ADMIN)
  @Mutation(() => UpdateTokenPayload, { description: "Changes what you call a token, its labels and its contacts." })
  async updateToken(
    @Ctx() context: Context,
    @Input(() => UpdateTokenInput) input: UpdateTokenInput,
  ): Promise<UpdateTokenPayload> {
    const changes = {
      ...(typeof input.name === "string" && { name: input.name }),
      ...(input.description !== undefined && { description: input.description }),
      ...(input.categories && { categories: input.categories }),
      ...(input.contacts && { contacts: input.contacts }),
    };
    const { tokenId } = await change(context, "updateToken", input, {
      commit: async (tx) => {
        const tokenId = requireId(Token, input.token);
        await updateToken(tx, context.core, tokenId, changes);
        return { tokenId };
      },
    });
    return { token: await context.loaders.require(Token, tokenId) };
  }

  @Allow(Role.ADMIN)
  @Mutation(() => RenewTokenPayload, {
    description:
      "Gives a token its newer file. Apple revokes the old one when the new one is downloaded. CONFLICT for the file that it has, an older one, or one of another location.",
  })
  async renewToken(
    @Ctx() context: Context,
    @Input(() => RenewTokenInput) input: RenewTokenInput,
  ): Promise<RenewTokenPayload> {
    const { core, loaders } = context;
    const { tokenId, syncRunId } = await change(context, "renewToken", input, {
      prepare: () => prepareRenewal(core, { tokenId: requireId(Token, input.token), file: input.file }),
      commit: (tx, prepared) => renewToken(tx, core, prepared),
    });
    return {
      token: await loaders.require(Token, tokenId),
      syncRun: await loaders.require(SyncRun, tokenId, syncRunId),
    };
  }

  @Allow(Role.ADMIN)
  @Mutation(() => RemoveTokenPayload, {
    description:
      "Removes a token. While licences are out it is CONFLICT, with how many, until you say whether they are returned or left.",
  })
  async removeToken(
    @Ctx() context: Context,
    @Input(() => RemoveTokenInput) input: RemoveTokenInput,
  ): Promise<RemoveTokenPayload> {
    const { core, actor, loaders } = context;
    const { licenses = null, dryRun } = input;
    const { tokenId, loss, removed } = await change(context, "removeToken", input, {
      commit: async (tx) => {
        const tokenId = requireId(Token, input.token);
        return { tokenId, ...(await removeToken(tx, core, { tokenId, licenses, dryRun, actor })) };
      },
    });
    return { loss, removedTokenId: removed ? input.token : null, token: await loaders.find(Token, tokenId) };
  }

  @Allow(Role.ADMIN)
  @Mutation(() => SuspendTokenPayload, {
    description: "Pauses a token: nothing is changed at Apple with it until `resumeToken`, and what is planned waits.",
  })
  async suspendToken(
    @Ctx() context: Context,
    @Input(() => SuspendTokenInput) input: SuspendTokenInput,
  ): Promise<SuspendTokenPayload> {
    const { tokenId } = await change(context, "suspendToken", input, {
      commit: async (tx) => {
        const tokenId = requireId(Token, input.token);
        await suspendToken(tx, context.core, tokenId, context.actor);
        return { tokenId };
      },
    });
    return { token: await context.loaders.require(Token, tokenId) };
  }

  @Allow(Role.ADMIN)
  @Mutation(() => ResumeTokenPayload, {
    description: "Ends the pause of a token: it is checked at Apple first. CONFLICT for one that is not paused.",
  })
  async resumeToken(
    @Ctx() context: Context,
    @Input(() => ResumeTokenInput) input: ResumeTokenInput,
  ): Promise<ResumeTokenPayload> {
    const { tokenId } = await change(context, "resumeToken", input, {
      commit: async (tx) => {
        const tokenId = requireId(Token, input.token);
        await resumeToken(tx, context.core, tokenId);
        return { tokenId };
      },
    });
    return { token: await context.loaders.require(Token, tokenId) };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => SyncTokenPayload, {
    description:
      "Reads all that a token owns at Apple, in full. One that is being read is not read twice: the run that is under way is answered, and becomes a full one.",
  })
  async syncToken(
    @Ctx() context: Context,
    @Input(() => SyncTokenInput) input: SyncTokenInput,
  ): Promise<SyncTokenPayload> {
    const { core, loaders } = context;
    const { tokenId, syncRunId } = await change(context, "syncToken", input, {
      commit: async (tx) => {
        const tokenId = requireId(Token, input.token);
        return { tokenId, syncRunId: await requestManualSync(tx, core, tokenId) };
      },
    });
    return {
      token: await loaders.require(Token, tokenId),
      syncRun: await loaders.require(SyncRun, tokenId, syncRunId),
    };
  }
}
