import { Ctx, Mutation, Resolver } from "type-graphql";
import { AlertRule } from "../entities/alert-rule.js";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { requireId, requireTokenScopedKey } from "../queries/node-key.js";
import { requireAccess } from "../schema/access.js";
import {
  RemoveAlertRuleInput,
  RemoveAlertRulePayload,
  SetAlertRuleInput,
  SetAlertRulePayload,
} from "../schema/mutations/alert-mutations.js";
import { Input } from "../schema/mutations/mutation-input.js";
import { removeAlertRule } from "../sync/alerts/remove-alert-rule.js";
import { setAlertRule } from "../sync/alerts/set-alert-rule.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class AlertMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => SetAlertRulePayload, { description: "Says when alerts of a kind are raised." })
  async setAlertRule(
    @Ctx() context: Context,
    @Input(() => SetAlertRuleInput) input: SetAlertRuleInput,
  ): Promise<SetAlertRulePayload> {
    const {
      kind,
      muted,
      below = null,
      belowPercent = null,
      failures = null,
      afterHours = null,
      attempts = null,
    } = input;
    if (input.token == null && input.storeApp == null) {
      const rule = { role: Role.OPERATOR, allTeams: true, own: false };
      requireAccess(context.access, rule, "A rule for all tokens");
    }
    const { id } = await change(context, "setAlertRule", input, {
      commit: async (tx) => {
        const tokenId = input.token == null ? null : requireId(Token, input.token);
        const storeApp = input.storeApp == null ? null : requireTokenScopedKey(StoreApp, input.storeApp);
        const wanted = { kind, tokenId, storeApp, below, belowPercent, failures, afterHours, attempts, muted };
        return { id: await setAlertRule(tx, context.core, wanted, context.actor) };
      },
    });
    return { alertRule: await context.loaders.require(AlertRule, id) };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => RemoveAlertRulePayload, {
    description: "Removes an alert rule; the next wider one counts then, if there is one.",
  })
  async removeAlertRule(
    @Ctx() context: Context,
    @Input(() => RemoveAlertRuleInput) input: RemoveAlertRuleInput,
  ): Promise<RemoveAlertRulePayload> {
    await change(context, "removeAlertRule", input, {
      commit: async (tx) => {
        await removeAlertRule(tx, requireId(AlertRule, input.alertRule));
        return {};
      },
    });
    return { removedAlertRuleId: input.alertRule };
  }
}
