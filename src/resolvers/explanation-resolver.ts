import { Args, Ctx, Query, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { normalizeSerial } from "../entities/device.js";
import { Installation } from "../entities/installation.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { User } from "../entities/user.js";
import { AppError } from "../errors.js";
import { explainAbsence } from "../queries/explain/explain-absence.js";
import { explainInstallation } from "../queries/explain/explain-installation.js";
import { findInstallations, readAbsenceFacts, type Whom } from "../queries/explain/find-installations.js";
import { readExplainFacts } from "../queries/explain/read-explain-facts.js";
import { missing, requireId, requireTokenScopedKey } from "../queries/node-key.js";
import { ExplainInstallationArgs, InstallationExplanation } from "../schema/explanation.js";
import type { Context } from "./context.js";

@Resolver()
export class ExplanationResolver {
  @Allow(Role.VIEWER)
  @Query(() => [InstallationExplanation], {
    description:
      "Why has this iPad no app? Answered from the wish down to the device: for one installation; or for an app and a device or a person, with one answer for each installation there is, and one that says why where there is none. At most 100.",
  })
  async explainInstallation(
    @Ctx() context: Context,
    @Args(() => ExplainInstallationArgs) args: ExplainInstallationArgs,
  ): Promise<InstallationExplanation[]> {
    const { installation, storeApp } = args;
    if (installation) {
      if (args.serialNumber || args.user || storeApp) throw refusal();
      return explainAll(context, [await context.loaders.byGlobalId(Installation, installation)]);
    }
    const whom = whomOf(args);
    if (!whom || !storeApp) throw refusal();
    const key = requireTokenScopedKey(StoreApp, storeApp);
    await context.loaders.byGlobalId(StoreApp, storeApp);
    const found = await explainAll(context, await findInstallations(context.scoped, key, whom));
    if (found.length > 0) return found;
    const facts = await readAbsenceFacts(context.scoped, key, whom);
    return facts ? [{ installation: null, chain: explainAbsence(facts) }] : missing(StoreApp, storeApp);
  }
}

async function explainAll(
  { core, scoped }: Context,
  installations: readonly Installation[],
): Promise<InstallationExplanation[]> {
  const facts = await readExplainFacts(scoped, installations, core.clock.now());
  return installations.flatMap((installation, at) => {
    const known = facts[at];
    return known ? [{ installation, chain: explainInstallation(known) }] : [];
  });
}

/** Null unless exactly one is given. */
function whomOf({ serialNumber, user }: ExplainInstallationArgs): Whom | null {
  const serial = normalizeSerial(serialNumber ?? null);
  if (user && serial === null) return { userId: requireId(User, user) };
  return serial !== null && !user ? { serial } : null;
}

function refusal(): AppError {
  return new AppError(
    "INVALID_INPUT",
    "Give either `installation`, or `storeApp` with one of `serialNumber` and `user`.",
  );
}
