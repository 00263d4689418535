import { Ctx, Mutation, Resolver } from "type-graphql";
import { SyncMode, SyncRun, SyncTrigger } from "../entities/sync-run.js";
import { Token } from "../entities/token.js";
import { requireId } from "../queries/node-key.js";
import { Input } from "../schema/mutations/mutation-input.js";
import {
  AddTokenInput,
  AddTokenPayload,
  ResumeTokenInput,
  ResumeTokenPayload,
  SuspendTokenInput,
  SuspendTokenPayload,
  SyncTokenInput,
  SyncTokenPayload,
  UpdateTokenInput,
  UpdateTokenPayload,
} from "../schema/mutations/token-mutations.js";
import { addToken, prepareToken } from "../sync/tokens/add-token.js";
import { requestSync } from "../sync/tokens/request-sync.js";
import { requireToken } from "../sync/tokens/require-token.js";
import { resumeToken } from "../sync/tokens/resume-token.js";
import { suspendToken } from "../sync/tokens/suspend-token.js";
import { updateToken } from "../sync/tokens/update-token.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class TokenMutations {
  @Mutation(() => AddTokenPayload, { description: "Adds a content token, claims its location, and reads all it owns." })
  async addToken(@Ctx() context: Context, @Input(() => AddTokenInput) input: AddTokenInput): Promise<AddTokenPayload> {
    const { core, loaders } = context;
    const { file, name, description = null, categories } = input;
    const { tokenId, syncRunId } = await change(context, "addToken", input, {
      prepare: () => prepareToken(core, { file, name, description, categories }),
      commit: (tx, prepared) => addToken(tx, core, prepared),
    });
    return {
      token: await loaders.require(Token, tokenId),
      syncRun: await loaders.require(SyncRun, tokenId, syncRunId),
    };
  }

  @Mutation(() => UpdateTokenPayload, { description: "Changes what you call a token." })
  async updateToken(
    @Ctx() context: Context,
    @Input(() => UpdateTokenInput) input: UpdateTokenInput,
  ): Promise<UpdateTokenPayload> {
    const changes = {
      ...(typeof input.name === "string" && { name: input.name }),
      ...(input.description !== undefined && { description: input.description }),
      ...(input.categories && { categories: input.categories }),
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

  @Mutation(() => SuspendTokenPayload, { description: "Pauses a token: nothing is changed at Apple with it." })
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

  @Mutation(() => ResumeTokenPayload, { description: "Ends the pause of a token: it is checked at Apple first." })
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

  @Mutation(() => SyncTokenPayload, { description: "Reads all that a token owns at Apple; one read at a time." })
  async syncToken(
    @Ctx() context: Context,
    @Input(() => SyncTokenInput) input: SyncTokenInput,
  ): Promise<SyncTokenPayload> {
    const { core, loaders } = context;
    const { tokenId, syncRunId } = await change(context, "syncToken", input, {
      commit: async (tx) => {
        const tokenId = requireId(Token, input.token);
        await requireToken(tx, tokenId);
        const reason = { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL };
        return { tokenId, syncRunId: await requestSync(tx, core, tokenId, reason) };
      },
    });
    return {
      token: await loaders.require(Token, tokenId),
      syncRun: await loaders.require(SyncRun, tokenId, syncRunId),
    };
  }
}
