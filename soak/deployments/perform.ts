import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "../../test/model/command.js";
import { passTime } from "./pass-time.js";
import { performAtApple } from "./perform-at-apple.js";
import { performAtMdm } from "./perform-at-mdm.js";
import { performHere } from "./perform-here.js";
import { letWork, stubbornSerials } from "./settle.js";
import type { Stage } from "./stage.js";

/** What came of a command: done, or refused with this code. */
export type Outcome = "done" | (string & {});

/** Does what a command says, and tells the model. A command that makes no sense now is left out. */
export async function perform(stage: Stage, command: Command): Promise<Outcome> {
  if (!stage.world.admits(command)) return "left out";
  const outcome = await play(stage, command);
  stage.world.apply(command, outcome === "done");
  return outcome;
}

async function play(stage: Stage, command: Command): Promise<Outcome> {
  switch (command.what) {
    case "pause":
      await passTime(stage, stubbornSerials(stage));
      await sleep(command.ms);
      return "done";
    case "work":
      await letWork(stage);
      return "done";
    case "rest":
      return "done";
    case "kill":
      if (command.at === null) await stage.service.worker?.kill();
      else stage.watch.killAt = command.at;
      return "done";
    case "deploy":
    case "flip":
    case "delete":
    case "assign":
    case "synchronize":
    case "import":
    case "freeze":
    case "thaw":
      return performHere(stage, command);
    case "join":
    case "leave": {
      const isMirrored = stage.world.collections.get(command.collection)?.mirrored ?? false;
      return isMirrored ? performAtMdm(stage, command) : performHere(stage, command);
    }
    case "hand over":
    case "device":
    case "behave":
    case "list":
    case "disturb MDM":
      return performAtMdm(stage, command);
    default:
      return performAtApple(stage, command);
  }
}

/** A command of one of these kinds. */
export type CommandOf<What extends Command["what"]> = Extract<Command, { readonly what: What }>;
