import { setTimeout as sleep } from "node:timers/promises";
import type { Chance } from "../../chance.js";
import { type Action, aToken, type Stage } from "../stage.js";
import { tokenMutation } from "./at-service.js";

/** Where Apple may have done already what it has not answered yet when the service ends. */
const HELD_PATHS = [
  "/assets",
  "/assignments",
  "/assignments",
  "/users",
  "/status",
  "/client/config",
  "/assets/associate",
  "/assets/associate",
  "/assets/disassociate",
  "/assets/disassociate",
  "/users/create",
  "/users/retire",
] as const;

/** So long is waited for a request that may never come. */
const PATIENCE_MS = 1_500;

const LOOK_MS = 10;

/** The service ends, killed or in order as the plan says, and starts again. */
export const ending: Omit<Action, "weight"> = {
  name: "end and start again",
  run: (stage, chance) => (chance.happens(0.5) ? endWhileApple(stage, chance) : endAtAnyMoment(stage, chance)),
};

async function endAtAnyMoment(stage: Stage, chance: Chance): Promise<string> {
  const during = chance.happens(0.6) ? await tokenMutation(stage, aToken(stage, chance), "syncToken") : "nothing";
  const afterMs = chance.between(0, 150);
  await sleep(afterMs);
  await stage.service.restart();
  return `${afterMs} ms after a synchronisation was asked for: ${during}`;
}

/** Between what a request does at Apple and its answer. */
async function endWhileApple(stage: Stage, chance: Chance): Promise<string> {
  const path = chance.one(HELD_PATHS);
  const { disturbances } = stage.simulator.world;
  await stage.control("/hold", { path });
  const asked = await tokenMutation(stage, aToken(stage, chance), "syncToken");
  for (const end = Date.now() + PATIENCE_MS; disturbances.heldCount === 0 && Date.now() < end; ) await sleep(LOOK_MS);
  const held = disturbances.heldCount;
  await stage.service.restart(() => stage.control("/release"));
  return `while Apple had ${held} requests of ${path}; synchronisation: ${asked}`;
}
