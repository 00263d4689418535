import { attempt, type Stage } from "./stage.js";

export async function healthOf(stage: Stage): Promise<string> {
  const [token] = await stage.ours.rows<{ health_state: string }>("SELECT health_state FROM token");
  return token?.health_state ?? "";
}

/** A mutation that needs no more than the token. @returns null, or the code of the refusal. */
export function tokenMutation(stage: Stage, name: string): Promise<string | null> {
  return attempt(stage, `mutation ($token: ID!) { ${name}(input: { token: $token }) { token { id } } }`, {
    token: stage.token,
  });
}

/** Does what an admin would, by what the token's health says. @returns whether the token writes now, here and at Apple. */
export async function mendToken(stage: Stage): Promise<boolean> {
  const { token } = locationOf(stage);
  if (token.kind !== "full") {
    await stage.control("/renew-token", { kind: "full" });
    await renewToken(stage);
    return false;
  }
  switch (await healthOf(stage)) {
    case "ACTIVE":
    case "EXPIRING":
      if (await isOursAtApple(stage)) return true;
      await tokenMutation(stage, "takeOverToken");
      return false;
    case "SUSPENDED":
      await tokenMutation(stage, "resumeToken");
      return false;
    case "CLAIMED_ELSEWHERE":
      await tokenMutation(stage, "takeOverToken");
      return false;
    case "CLAIMING":
    case "VERIFYING":
      return false;
    default:
      await renewToken(stage);
      return false;
  }
}

async function isOursAtApple(stage: Stage): Promise<boolean> {
  const { mdmInfo } = locationOf(stage);
  const [identity] = await stage.ours.rows<{ id: string }>("SELECT mdm_id AS id FROM service_identity");
  return mdmInfo !== undefined && mdmInfo.id === identity?.id;
}

function renewToken(stage: Stage): Promise<string | null> {
  return attempt(
    stage,
    "mutation ($token: ID!, $file: String!) { renewToken(input: { token: $token, file: $file }) { token { id } } }",
    { token: stage.token, file: locationOf(stage).token.text },
  );
}

function locationOf({ simulator }: Stage) {
  const [location] = simulator.world.locations;
  if (!location) throw new Error("The simulator has no location");
  return location;
}
