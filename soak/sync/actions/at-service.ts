import { setTimeout as sleep } from "node:timers/promises";
import { type Action, aToken, attempt, type Stage, type StagedToken } from "../stage.js";

/** Some app to some collection. */
export const deploy: Action = {
  name: "deploy",
  weight: 12,
  run: async (stage, chance) => {
    const { apps, collections } = await choices(stage, aToken(stage, chance));
    if (apps.length === 0) return "there is no app yet";
    const licensing = chance.one(["DEVICE", "USER"]);
    const storeApp = chance.one(apps);
    const input = { storeApp, collection: chance.one(collections), target: stage.target, licensing };
    return attempt(
      stage,
      "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }",
      { input },
    );
  },
};

/** What admins do here. */
export const atService: readonly Action[] = [
  deploy,
  {
    name: "flip",
    weight: 20,
    run: async (stage, chance) => {
      const { deployments } = await choices(stage, aToken(stage, chance));
      const told: string[] = [];
      for (const { id, action } of chance.some(deployments, chance.between(1, 3))) {
        const input = { deployment: id, action: action === "INSTALL" ? "UNINSTALL" : "INSTALL" };
        const outcome = await attempt(
          stage,
          "mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { deployment { id } } }",
          { input },
        );
        told.push(`${input.action}: ${outcome}`);
      }
      return told.join(", ");
    },
  },
  {
    name: "synchronize",
    weight: 14,
    run: (stage, chance) => tokenMutation(stage, aToken(stage, chance), "syncToken"),
  },
  {
    name: "suspend",
    weight: 1,
    run: (stage, chance) => tokenMutation(stage, aToken(stage, chance), "suspendToken"),
  },
  {
    name: "let it work",
    weight: 12,
    run: async ({ ours }) => {
      for (let look = 1; look <= 30; look += 1) {
        await sleep(50);
        const busy = await ours.rows("SELECT 1 FROM apple_operation WHERE ended_at IS NULL LIMIT 1");
        if (busy.length === 0 && look >= 4) return `${look} looks`;
      }
      return "it goes on";
    },
  },
  {
    name: "mend the tokens",
    weight: 25,
    run: async (stage) => {
      const told: string[] = [];
      for (const token of stage.tokens) told.push(await mendToken(stage, token));
      return told.join(", ");
    },
  },
  {
    name: "renew the token",
    weight: 3,
    run: async (stage, chance) => {
      const token = aToken(stage, chance);
      await token.apple.control("/renew-token", { kind: "full" });
      return renewToken(stage, token);
    },
  },
  {
    name: "people come and go",
    weight: 3,
    run: async (stage, chance) => {
      const users = chance.between(4, 12);
      const settings = { ...stage.mock, users, devices: users };
      const changed = await attempt(
        stage,
        "mutation ($input: UpdateTargetInput!) { updateTarget(input: $input) { target { id } } }",
        { input: { target: stage.target, settings } },
      );
      const imported = await attempt(
        stage,
        "mutation ($target: ID!) { importHolders(input: { target: $target, confirmShrink: true }) { target { id } } }",
        { target: stage.target },
      );
      return `${users}: ${changed}, ${imported}`;
    },
  },
  {
    name: "a month passes for those who have left",
    weight: 2,
    run: async ({ ours }) => {
      await ours.rows(`UPDATE "user" SET left_at = left_at - interval '30 days' WHERE left_at IS NOT NULL`);
      await ours.rows("UPDATE apple_user SET proven_at = proven_at - interval '30 days'");
      return "";
    },
  },
];

/** Does what an admin would, by what the token's health says. */
export async function mendToken(stage: Stage, token: StagedToken): Promise<string> {
  const [stored] = await stage.ours.rows<{ health_state: string }>(
    "SELECT health_state FROM token WHERE location_id = $1",
    [token.apple.location.identity.uId],
  );
  switch (stored?.health_state) {
    case "SUSPENDED":
      return `resume: ${await tokenMutation(stage, token, "resumeToken")}`;
    case "CLAIMED_ELSEWHERE":
      return `take over: ${await tokenMutation(stage, token, "takeOverToken")}`;
    case "REVOKED":
    case "INVALID":
    case "EXPIRED":
    case "READ_ONLY":
      await token.apple.control("/renew-token", { kind: "full" });
      return `renew: ${await renewToken(stage, token)}`;
    default:
      return `${stored?.health_state}`;
  }
}

/** Gives the service the newest file, as an admin would who has just downloaded it. */
function renewToken(stage: Stage, { id, apple }: StagedToken): Promise<string> {
  return attempt(
    stage,
    "mutation ($token: ID!, $file: String!) { renewToken(input: { token: $token, file: $file }) { token { id } } }",
    { token: id, file: apple.location.token.text },
  );
}

/** A mutation that needs no more than the token. */
export function tokenMutation(stage: Stage, { id }: StagedToken, name: string): Promise<string> {
  return attempt(stage, `mutation ($token: ID!) { ${name}(input: { token: $token }) { token { id } } }`, { token: id });
}

interface Choices {
  readonly apps: readonly string[];
  readonly collections: readonly string[];
  readonly deployments: readonly { readonly id: string; readonly action: string }[];
}

async function choices(stage: Stage, token: StagedToken): Promise<Choices> {
  type Nodes = { nodes: { id: string }[] };
  const found = await stage.service
    .ask<{ storeApps: Nodes; collections: Nodes; deployments: { nodes: { id: string; action: string }[] } }>(
      `query ($token: ID!) {
         storeApps(first: 100, filter: { token: $token }) { nodes { id } }
         collections(first: 100) { nodes { id } } deployments(first: 100) { nodes { id action } } }`,
      { token: token.id },
    )
    .catch(() => ({ storeApps: { nodes: [] }, collections: { nodes: [] }, deployments: { nodes: [] } }));
  const ids = ({ nodes }: Nodes) => nodes.map(({ id }) => id);
  return { apps: ids(found.storeApps), collections: ids(found.collections), deployments: found.deployments.nodes };
}
