import { afterEach, expect, it } from "vitest";
import { type Camp, startCamp } from "./camp.js";
import { causesBecome } from "./explain.js";

/** Why is this app still on the iPad, and what does the next one wait for? */

let camp: Camp;
afterEach(() => camp.stop());

/** Somebody has the app by the deployment to "all", and belongs to "some" as well. */
async function open(): Promise<{ deployment: string; installation: string }> {
  camp = await startCamp(["ann", "bob"]);
  camp.collections.set("some", ["bob"]);
  await camp.look();
  const deployment = await camp.deployTo("all");
  const { id } = await camp.become(deployment, "bob", { state: "INSTALLED" });
  return { deployment, installation: id };
}

const remove = (deployment: string) =>
  camp.api.ask("mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } } }", {
    input: { deployment, onLeave: "UNINSTALL" },
  });

const suspend = () =>
  camp.api.ask("mutation ($token: ID!) { suspendToken(input: { token: $token }) { token { id } } }", {
    token: camp.token,
  });

it("A removal that is not told, since its licence could not return, names the token that may not write", async () => {
  const { deployment, installation } = await open();
  await suspend();
  await remove(deployment);
  await camp.become(deployment, "bob", { state: "REMOVING" });
  const chain = await causesBecome(
    camp.api,
    { installation },
    "UNINSTALL_WANTED",
    "DEPLOYMENT_DELETED",
    "BEING_REMOVED",
    "NOT_HANDED_OVER",
    "TOKEN_FROZEN",
  );
  expect(chain[3]).toMatchObject({
    evidence: expect.not.stringContaining("It has until"),
    nextAction: "It is told, once the token may write, by itself.",
  });
  expect(chain[4]).toMatchObject({ whoHasToAct: "ADMIN", nextAction: expect.stringContaining("resumeToken") });
});

it("An install that waits for a removal names it, and when that ends at the latest", async () => {
  const { deployment } = await open();
  camp.holdsRemovals = true;
  await remove(deployment);
  await camp.become(deployment, "bob", { state: "REMOVING" });
  const second = await camp.deployTo("some");
  const { id } = await camp.become(second, "bob", { state: "LICENSED" });
  const chain = await causesBecome(
    camp.api,
    { installation: id },
    "WANTED",
    "LICENSED",
    "NOT_HANDED_OVER",
    "BEING_REMOVED",
  );
  expect(chain[2]?.nextAction).toBe("It is told, once the removal under way is over, by itself.");
  expect(chain[3]).toMatchObject({
    whoHasToAct: "TARGET",
    evidence: expect.stringMatching(
      /Another deployment, to "all", has been removing the app from the device SERIAL-BOB since /,
    ),
    nextAction: expect.stringMatching(/confirmed the removal, or at 20.* at the latest\.$/),
  });
  camp.holdsRemovals = false;
  await causesBecome(camp.api, { installation: id }, "WANTED", "LICENSED", "INSTALLED");
});
