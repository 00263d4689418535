import { type Action, attempt, type Stage } from "../stage.js";

/** The service ends, in order or killed, and starts again. */
export const RESTART = "end and start again";

/** Some app to some collection. */
export const deploy: Action = {
  name: "deploy",
  weight: 8,
  run: async (stage, chance) => {
    const { apps, collections } = await choices(stage);
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

/** What admins do here, and what happens to the service itself. */
export const atService: readonly Action[] = [
  deploy,
  {
    name: "flip",
    weight: 10,
    run: async (stage, chance) => {
      const { deployments } = await choices(stage);
      if (deployments.length === 0) return "there is no deployment yet";
      const input = { deployment: chance.one(deployments), action: chance.one(["INSTALL", "UNINSTALL"]) };
      return `${input.action}: ${await attempt(
        stage,
        "mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { deployment { id } } }",
        { input },
      )}`;
    },
  },
  {
    name: "synchronize",
    weight: 6,
    run: (stage) => tokenMutation(stage, "syncToken"),
  },
  {
    name: "suspend",
    weight: 1,
    run: (stage) => tokenMutation(stage, "suspendToken"),
  },
  {
    name: "resume",
    weight: 4,
    run: (stage) => tokenMutation(stage, "resumeToken"),
  },
  {
    name: "take the token back",
    weight: 6,
    run: (stage) => tokenMutation(stage, "takeOverToken"),
  },
  {
    name: "renew the token",
    weight: 5,
    run: async (stage) => {
      await stage.apple.control("/renew-token", { kind: "full" });
      return renewToken(stage);
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
  {
    name: RESTART,
    weight: 3,
    run: async ({ service }) => {
      await service.restart();
      return "";
    },
  },
];

/** Gives the service the newest file, as an admin would who has just downloaded it. */
export function renewToken(stage: Stage): Promise<string> {
  return attempt(
    stage,
    "mutation ($token: ID!, $file: String!) { renewToken(input: { token: $token, file: $file }) { token { id } } }",
    { token: stage.token, file: stage.apple.location.token.text },
  );
}

/** A mutation that needs no more than the token. */
export function tokenMutation(stage: Stage, name: string): Promise<string> {
  return attempt(stage, `mutation ($token: ID!) { ${name}(input: { token: $token }) { token { id } } }`, {
    token: stage.token,
  });
}

interface Choices {
  readonly apps: readonly string[];
  readonly collections: readonly string[];
  readonly deployments: readonly string[];
}

async function choices(stage: Stage): Promise<Choices> {
  type Nodes = { nodes: { id: string }[] };
  const found = await stage.service
    .ask<{ storeApps: Nodes; collections: Nodes; deployments: Nodes }>(
      `query ($token: ID!) {
         storeApps(first: 100, filter: { token: $token }) { nodes { id } }
         collections(first: 100) { nodes { id } } deployments(first: 100) { nodes { id } } }`,
      { token: stage.token },
    )
    .catch(() => ({ storeApps: { nodes: [] }, collections: { nodes: [] }, deployments: { nodes: [] } }));
  const ids = ({ nodes }: Nodes) => nodes.map(({ id }) => id);
  return { apps: ids(found.storeApps), collections: ids(found.collections), deployments: ids(found.deployments) };
}
