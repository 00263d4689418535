import { setTimeout as sleep } from "node:timers/promises";
import type { Freeze } from "../../test/model/command.js";
import { ApiRefusal } from "../api.js";
import { healthOf, mendToken, tokenMutation } from "./mend-token.js";
import type { CommandOf, Outcome } from "./perform.js";
import { attempt, idOf, type Stage } from "./stage.js";

type Here = CommandOf<
  "deploy" | "flip" | "delete" | "assign" | "synchronize" | "import" | "freeze" | "thaw" | "join" | "leave"
>;

/** How long a take-over may take to be noticed once the token is read. */
const NOTICED_MS = 3_000;

/** What our admin does, by the public API. */
export async function performHere(stage: Stage, command: Here): Promise<Outcome> {
  switch (command.what) {
    case "deploy":
      return deploy(stage, command);
    case "flip":
      return flip(stage, command);
    case "delete":
      return mutate(stage, "deleteDeployment(input: $input) { deployment { id } }", "DeleteDeploymentInput", {
        deployment: deploymentOf(stage, command),
      });
    case "assign":
      return assign(stage, command);
    case "join":
    case "leave":
      return changeMembers(stage, command);
    case "synchronize":
      return synchronize(stage);
    case "import":
      return mutate(stage, "importHolders(input: $input) { target { id } }", "ImportHoldersInput", {
        target: stage.target,
      });
    case "freeze":
      return freeze(stage, command.how);
    case "thaw":
      stage.watch.thaw();
      await mendToken(stage);
      return "done";
  }
}

/** Where Apple's answers are held back, it goes on until one is. */
async function synchronize(stage: Stage): Promise<Outcome> {
  const refusal = await tokenMutation(stage, "syncToken");
  const { disturbances } = stage.simulator.world;
  if (!stage.watch.holds) return refusal ?? "done";
  for (const end = Date.now() + NOTICED_MS; Date.now() < end && disturbances.heldCount === 0; ) await sleep(10);
  return refusal ?? "done";
}

async function deploy(stage: Stage, command: CommandOf<"deploy">): Promise<Outcome> {
  const { app, collection, licensing, onLeave } = command;
  const input = {
    storeApp: idOf(stage, app),
    collection: idOf(stage, collection),
    target: stage.target,
    licensing,
    onLeave,
  };
  try {
    const { createDeployment } = await stage.service.ask<{ createDeployment: { deployment: { id: string } } }>(
      "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }",
      { input },
    );
    const { id } = createDeployment.deployment;
    stage.names.deployments.set(`${app} ${collection}`, id);
    stage.names.wishes.set(id, { app, collection });
    return "done";
  } catch (error) {
    if (error instanceof ApiRefusal) return error.message;
    throw error;
  }
}

/** Done only if the device has a licence of its own that is given to it from now on. */
async function assign(stage: Stage, { app, device }: CommandOf<"assign">): Promise<Outcome> {
  const input = { storeApp: idOf(stage, app), devices: [idOf(stage, device)] };
  try {
    const { assignLicenses } = await stage.service.ask<{ assignLicenses: { results: { outcome: string }[] } }>(
      "mutation ($input: AssignLicensesInput!) { assignLicenses(input: $input) { results { outcome } } }",
      { input },
    );
    const outcome = assignLicenses.results[0]?.outcome ?? "";
    return ["GIVEN", "ALREADY_HELD"].includes(outcome) ? "done" : outcome;
  } catch (error) {
    if (error instanceof ApiRefusal) return error.message;
    throw error;
  }
}

function flip(stage: Stage, command: CommandOf<"flip" | "delete">): Promise<Outcome> {
  const wish = stage.world.deployment(command.app, command.collection);
  return mutate(stage, "changeDeploymentAction(input: $input) { deployment { id } }", "ChangeDeploymentActionInput", {
    deployment: deploymentOf(stage, command),
    action: wish?.action === "INSTALL" ? "UNINSTALL" : "INSTALL",
  });
}

function changeMembers(stage: Stage, { what, collection, member }: CommandOf<"join" | "leave">): Promise<Outcome> {
  const joins = what === "join";
  const isUser = stage.world.collections.get(collection)?.kind === "user";
  const field = joins ? "addCollectionMembers" : "removeCollectionMembers";
  const type = joins ? "AddCollectionMembersInput" : "RemoveCollectionMembersInput";
  return mutate(stage, `${field}(input: $input) { collection { id } }`, type, {
    collection: idOf(stage, collection),
    [isUser ? "users" : "devices"]: [idOf(stage, member)],
  });
}

async function freeze(stage: Stage, how: Freeze): Promise<Outcome> {
  if (how === "suspend") {
    const refusal = await tokenMutation(stage, "suspendToken");
    if (refusal === null) await stage.watch.freeze();
    return refusal ?? "done";
  }
  if (how === "read only") return (await stage.control("/token-kind", { kind: "readOnly" })) ? "done" : "refused";
  await stage.control("/take-over", { id: "another", name: "Another MDM", metadata: "elsewhere.example" });
  await tokenMutation(stage, "syncToken");
  for (const end = Date.now() + NOTICED_MS; Date.now() < end; await sleep(20)) {
    if ((await healthOf(stage)) !== "CLAIMED_ELSEWHERE") continue;
    await stage.watch.freeze();
    break;
  }
  return "done";
}

async function mutate(stage: Stage, field: string, type: string, input: Record<string, unknown>): Promise<Outcome> {
  const refusal = await attempt(stage, `mutation ($input: ${type}!) { ${field} }`, { input });
  return refusal ?? "done";
}

function deploymentOf({ names }: Stage, { app, collection }: CommandOf<"flip" | "delete">): string | undefined {
  return names.deployments.get(`${app} ${collection}`);
}
