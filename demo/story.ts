import type { Api } from "./api.js";
import { say, watch } from "./progress.js";
import { printReport, type ReportRow, readReport } from "./report.js";

export interface Stage {
  readonly api: Api;
  /** The text of a token file, as Apple gives it. */
  readonly tokenFile: string;
  /** Makes the names and serial numbers of this demo its own. */
  readonly seed: number;
  /** What the invited do at Apple. */
  readonly acceptInvitation: (clientUserId: string) => Promise<void>;
}

const USERS = 10;
const DEVICES = 14;
const USERLESS = 2;
/** Every fifth user has no managed Apple account and is invited. */
const INVITED = 2;

const RESTING = ["INSTALLED", "REMOVED", "NOT_APPLICABLE", "NO_DEVICE", "CANCELLED", "FAILED"];

/** The main job from the token to the returned licence. @returns what was not as it must be; empty when all was. */
export async function tellStory(stage: Stage): Promise<string[]> {
  const { api } = stage;
  const problems: string[] = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      problems.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
  };

  const target = await addTarget(stage);
  const token = await addToken(stage);
  await importHolders(api, target);
  const before = await readReport(api, token);
  printReport("Before", before);

  const [first, second] = before.filter((row) => (row.free ?? 0) >= DEVICES + USERLESS);
  if (!first || !second) throw new Error("The simulator sold too few licences for this demo");
  const forUsers = await deploy(api, { token, row: first, target, collection: "All users", licensing: "USER" });
  const forDevices = await deploy(api, { token, row: second, target, collection: "All devices", licensing: "DEVICE" });
  await invite(stage, token, forUsers);
  expect("devices of users", await rest(api, forUsers), { INSTALLED: DEVICES });
  expect("devices", await rest(api, forDevices), { INSTALLED: DEVICES + USERLESS });
  await syncToken(api, token);
  const after = await readReport(api, token);
  printReport(
    `After the install: ${USERS} licences for ${DEVICES} devices of users, ${DEVICES + USERLESS} for devices`,
    after,
  );
  expect(`used of ${first.name}`, used(after, first), used(before, first) + USERS);
  expect(`used of ${second.name}`, used(after, second), used(before, second) + DEVICES + USERLESS);
  expect("free altogether", free(after), free(before) - USERS - DEVICES - USERLESS);

  say("Taking both apps back: removed from the devices first, then the licences return at Apple");
  for (const deployment of [forUsers, forDevices]) {
    await api.ask(
      "mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { deployment { id } } }",
      {
        input: { deployment, action: "UNINSTALL" },
      },
    );
  }
  expect("devices of users", await rest(api, forUsers), { REMOVED: DEVICES });
  expect("devices", await rest(api, forDevices), { REMOVED: DEVICES + USERLESS });
  await syncToken(api, token);
  const end = await readReport(api, token);
  printReport("After the uninstall", end);
  expect("the report at the end", end.map(counts), before.map(counts));
  return problems;
}

const counts = ({ adamId, bought, assigned, held, free }: ReportRow) => ({ adamId, bought, assigned, held, free });
const used = (report: readonly ReportRow[], app: ReportRow) =>
  report.find((row) => row.adamId === app.adamId)?.assigned ?? 0;
const free = (report: readonly ReportRow[]) => report.reduce((sum, row) => sum + (row.free ?? 0), 0);

async function addTarget({ api, seed }: Stage): Promise<string> {
  say(`Adding a target: a mock MDM with ${USERS} users, ${DEVICES} devices of theirs and ${USERLESS} without a user`);
  const settings = {
    world: `demo-${seed}`,
    seed,
    users: USERS,
    devices: DEVICES,
    userless: USERLESS,
    invitedEvery: USERS / INVITED,
  };
  const { addTarget: added } = await api.ask<{ addTarget: { target: { id: string; apnsState: string } } }>(
    "mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id apnsState } } }",
    { input: { plugin: "mock", name: `Demo MDM ${seed}`, settings } },
  );
  say(`    its APNs certificate: ${added.target.apnsState}`);
  return added.target.id;
}

async function addToken({ api, tokenFile }: Stage): Promise<string> {
  say("Adding an Apple content token");
  const { addToken: added } = await api.ask<{ addToken: { token: { id: string }; syncRun: { id: string } } }>(
    "mutation ($input: AddTokenInput!) { addToken(input: $input) { token { id } syncRun { id } } }",
    { input: { file: tokenFile, name: "Head office", description: "Apps for the demo", categories: ["demo"] } },
  );
  await watchSync(api, added.token.id, added.syncRun.id);
  return added.token.id;
}

async function syncToken(api: Api, token: string): Promise<void> {
  say("Synchronising with Apple");
  const { syncToken: asked } = await api.ask<{ syncToken: { syncRun: { id: string } } }>(
    "mutation ($token: ID!) { syncToken(input: { token: $token }) { syncRun { id } } }",
    { token },
  );
  await watchSync(api, token, asked.syncRun.id);
}

interface SyncSeen {
  token: { health: { state: string }; storeApps: { nodes: { name: string | null }[] } };
  syncRun: { state: string; phase: string | null; pagesRead: number; rowsAdded: number; rowsChanged: number };
}

async function watchSync(api: Api, token: string, syncRun: string): Promise<void> {
  await watch(
    () =>
      api.ask<SyncSeen>(
        `query ($token: ID!, $syncRun: ID!) {
           token(id: $token) { health { state } storeApps(first: 100) { nodes { name } } }
           syncRun(id: $syncRun) { state phase pagesRead rowsAdded rowsChanged } }`,
        { token, syncRun },
      ),
    ({ token: { health, storeApps }, syncRun: run }) => {
      const named = storeApps.nodes.filter((app) => app.name !== null).length;
      const rows = `${run.rowsAdded} rows added, ${run.rowsChanged} changed`;
      return `token ${health.state}, sync ${run.state}: ${run.pagesRead} pages, ${rows}; ${named} apps named`;
    },
    ({ token: { health, storeApps }, syncRun: run }) =>
      health.state === "ACTIVE" && run.state === "SUCCEEDED" && storeApps.nodes.every((app) => app.name !== null),
  );
}

async function importHolders(api: Api, target: string): Promise<void> {
  say("Importing users, devices and collections");
  await api.ask("mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", { target });
  await watch(
    async () =>
      (
        await api.ask<{
          target: { collections: { nodes: { name: string; memberCount: number }[] }; holdersImportedAt: string | null };
        }>(
          "query ($target: ID!) { target(id: $target) { holdersImportedAt collections(first: 20) { nodes { name memberCount } } } }",
          { target },
        )
      ).target,
    ({ collections }) =>
      collections.nodes.map(({ name, memberCount }) => `${name}: ${memberCount}`).join(", ") || "nothing yet",
    ({ holdersImportedAt }) => holdersImportedAt !== null,
  );
}

interface Wish {
  readonly token: string;
  readonly row: ReportRow;
  readonly target: string;
  readonly collection: string;
  readonly licensing: "USER" | "DEVICE";
}

async function deploy(api: Api, { token, row, target, collection, licensing }: Wish): Promise<string> {
  say(
    `Deploying "${row.name}" to "${collection}", ${licensing === "USER" ? "a licence a user" : "a licence a device"}`,
  );
  const found = await api.ask<{
    storeApps: { nodes: { id: string }[] };
    collections: { nodes: { id: string; name: string }[] };
  }>(
    `query ($apps: StoreAppFilter!, $collections: CollectionFilter!) {
       storeApps(filter: $apps) { nodes { id } } collections(filter: $collections) { nodes { id name } } }`,
    { apps: { token, adamId: row.adamId }, collections: { target, nameContains: collection } },
  );
  const storeApp = found.storeApps.nodes[0]?.id;
  const to = found.collections.nodes.find((node) => node.name === collection)?.id;
  await api.ask(
    "mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }",
    {
      input: { storeApp, target },
    },
  );
  const { createDeployment } = await api.ask<{ createDeployment: { deployment: { id: string } } }>(
    "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }",
    { input: { storeApp, collection: to, target, licensing } },
  );
  return createDeployment.deployment.id;
}

type StateCounts = Record<string, number>;

async function stateCounts(api: Api, deployment: string): Promise<StateCounts> {
  const { deployment: seen } = await api.ask<{
    deployment: { installationCounts: { state: string; count: number }[] };
  }>("query ($deployment: ID!) { deployment(id: $deployment) { installationCounts { state count } } }", { deployment });
  return Object.fromEntries(
    seen.installationCounts.filter(({ count }) => count > 0).map(({ state, count }) => [state, count]),
  );
}

const describeCounts = (states: StateCounts) =>
  Object.entries(states)
    .map(([state, count]) => `${state} ${count}`)
    .join(", ");

function rest(api: Api, deployment: string): Promise<StateCounts> {
  return watch(
    () => stateCounts(api, deployment),
    describeCounts,
    (states) => Object.keys(states).every((state) => RESTING.includes(state)),
  );
}

interface InvitedUser {
  clientUserId: string;
  invitationUrl: string | null;
}

/** Waits for those whom Apple invites, and lets them accept; until then they hold no licence. */
async function invite({ api, acceptInvitation }: Stage, token: string, deployment: string): Promise<void> {
  const waiting = await watch(
    async () => {
      const { installations } = await api.ask<{
        installations: { nodes: { user: { appleUsers: (InvitedUser & { token: { id: string } })[] } }[] };
      }>(
        `query ($deployment: ID!) { installations(first: 100, filter: { deployment: $deployment, reason: [INVITATION_OPEN] }) {
           nodes { user { appleUsers { clientUserId invitationUrl token { id } } } } } }`,
        { deployment },
      );
      const invited = installations.nodes
        .flatMap((node) => node.user.appleUsers)
        .filter((user) => user.token.id === token);
      return new Map(invited.map((user) => [user.clientUserId, user]));
    },
    (invited) => `${invited.size} users wait for their invitation to be accepted`,
    (invited) => invited.size === INVITED,
  );
  for (const { clientUserId, invitationUrl } of waiting.values()) {
    say(`    accepting ${invitationUrl}`);
    await acceptInvitation(clientUserId);
  }
  await syncToken(api, token);
}
