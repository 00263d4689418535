import { describe, expect, it } from "vitest";
import { Collection } from "../../../../src/entities/collection.js";
import { DeploymentAction } from "../../../../src/entities/deployment.js";
import { StoreApp } from "../../../../src/entities/store-app.js";
import { Target } from "../../../../src/entities/target.js";
import { Token, TokenAuthority, TokenHealthState } from "../../../../src/entities/token.js";
import { planWarnings } from "../../../../src/sync/deployments/plan/plan-warnings.js";
import { DEFAULT_POLICY } from "../../../support/policy.js";

const NOW = new Date("2026-06-01T00:00:00.000Z");
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

interface Change {
  readonly app?: Partial<StoreApp>;
  readonly target?: Partial<Target>;
  readonly token?: Partial<Token>;
  readonly collection?: Partial<Collection>;
  readonly action?: DeploymentAction;
  readonly missing?: number | null;
}

/** The warnings of a plan that has nothing to warn of, unless said otherwise. */
function warnings({ app, target, token, collection, action, missing = 0 }: Change) {
  const health = { state: TokenHealthState.ACTIVE, cause: null, since: NOW, evidence: null, remedy: null };
  const warned = {
    action: action ?? DeploymentAction.INSTALL,
    app: Object.assign(new StoreApp(), { revocable: true, unlistedAt: null }, app),
    target: Object.assign(new Target(), { name: "Main", apnsExpiresAt: inDays(31), shrinkHeldAt: null }, target),
    token: Object.assign(new Token(), { authority: TokenAuthority.SERVICE, expiresAt: inDays(300), health }, token),
    collection: Object.assign(new Collection(), { shrinkHeldAt: null }, collection),
  };
  return planWarnings(warned, missing, NOW, DEFAULT_POLICY);
}

describe("the warnings of a plan", () => {
  it("are none when nothing is the matter", () => {
    expect(warnings({})).toEqual([]);
  });

  it.each([
    ["the app's licences cannot be taken back", "IRREVOCABLE", { app: { revocable: false } }],
    ["licences are missing", "OUT_OF_STOCK", { missing: 3 }],
    ["Apple no longer lists the app", "APP_UNLISTED", { app: { unlistedAt: inDays(-1) } }],
    ["the token expires soon", "TOKEN_EXPIRES", { token: { expiresAt: inDays(5) } }],
    ["the push certificate expires in 30 days", "APNS_EXPIRES", { target: { apnsExpiresAt: inDays(30) } }],
    ["the MDM gives out the licences", "PREDICTED", { token: { authority: TokenAuthority.TARGET } }],
    ["members are held back", "MEMBERS_HELD_BACK", { collection: { shrinkHeldAt: inDays(-1) } }],
  ] as const)("say so when %s", (_, code, change) => {
    expect(warnings(change).map((warning) => warning.code)).toEqual([code]);
  });

  it("say so when Apple has not confirmed the token", () => {
    const health = { state: TokenHealthState.UNVERIFIED, cause: null, since: NOW, evidence: null, remedy: null };
    expect(warnings({ token: { health } }).map(({ code }) => code)).toEqual(["TOKEN_UNVERIFIED"]);
  });

  it("say nothing of stock and of predictions where nothing was planned", () => {
    expect(warnings({ token: { authority: TokenAuthority.TARGET }, missing: null })).toEqual([]);
  });

  it("of an uninstall say that irrevocable licences stay with the devices", () => {
    const [warning] = warnings({ app: { revocable: false }, action: DeploymentAction.UNINSTALL });
    expect(warning?.message).toContain("their licences stay with them");
  });
});
