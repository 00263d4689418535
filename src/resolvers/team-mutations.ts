import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Collection } from "../entities/collection.js";
import { Role } from "../entities/role.js";
import { Target } from "../entities/target.js";
import { Token } from "../entities/token.js";
import { requireId } from "../queries/node-key.js";
import { Input } from "../schema/mutations/mutation-input.js";
import {
  SetCollectionTeamsInput,
  SetCollectionTeamsPayload,
  SetTargetTeamsInput,
  SetTargetTeamsPayload,
  SetTokenTeamsInput,
  SetTokenTeamsPayload,
} from "../schema/mutations/team-mutations.js";
import { setTeams } from "../sync/access/set-teams.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class TeamMutations {
  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => SetTokenTeamsPayload, {
    description: "Says which teams a token is of: who is limited to one of them sees it and all that belongs to it.",
  })
  async setTokenTeams(
    @Ctx() context: Context,
    @Input(() => SetTokenTeamsInput) input: SetTokenTeamsInput,
  ): Promise<SetTokenTeamsPayload> {
    const { id } = await change(context, "setTokenTeams", input, {
      commit: async (tx) => {
        const id = requireId(Token, input.token);
        await setTeams(tx, Token, id, input.teams);
        return { id };
      },
    });
    return { token: await context.loaders.require(Token, id) };
  }

  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => SetTargetTeamsPayload, {
    description:
      "Says which teams a target is of: who is limited to one of them sees it with all of its devices, people and collections.",
  })
  async setTargetTeams(
    @Ctx() context: Context,
    @Input(() => SetTargetTeamsInput) input: SetTargetTeamsInput,
  ): Promise<SetTargetTeamsPayload> {
    const { id } = await change(context, "setTargetTeams", input, {
      commit: async (tx) => {
        const id = requireId(Target, input.target);
        await setTeams(tx, Target, id, input.teams);
        return { id };
      },
    });
    return { target: await context.loaders.require(Target, id) };
  }

  @Allow(Role.ADMIN, { allTeams: true })
  @Mutation(() => SetCollectionTeamsPayload, {
    description:
      "Says which teams a collection that is kept by hand is of: who is limited to one of them sees it and may change it. One that such a caller makes is of that caller's teams.",
  })
  async setCollectionTeams(
    @Ctx() context: Context,
    @Input(() => SetCollectionTeamsInput) input: SetCollectionTeamsInput,
  ): Promise<SetCollectionTeamsPayload> {
    const { id } = await change(context, "setCollectionTeams", input, {
      commit: async (tx) => {
        const id = requireId(Collection, input.collection);
        await setTeams(tx, Collection, id, input.teams);
        return { id };
      },
    });
    return { collection: await context.loaders.require(Collection, id) };
  }
}
