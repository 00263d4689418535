import type { CommandOf, Outcome } from "./perform.js";
import { importAll } from "./settle.js";
import type { Stage } from "./stage.js";

type AtMdm = CommandOf<"hand over" | "device" | "behave" | "list" | "disturb MDM" | "join" | "leave">;

/** What happens at the MDM, where people, devices and its own collections are. */
export async function performAtMdm(stage: Stage, command: AtMdm): Promise<Outcome> {
  const { product } = stage;
  switch (command.what) {
    case "hand over":
      change(product.devices, command.device).user = command.user;
      break;
    case "device":
      product.setState(command.device, command.state);
      // One that is lost and enrolled again between two looks has lost its apps without a trace.
      await importAll(stage);
      break;
    case "behave":
      product.work();
      change(product.devices, command.device).manner = command.manner;
      break;
    case "list":
      // What has changed until now comes in first: the model must know what the shrunk listing is compared with.
      if (command.how === "shrunk") await importAll(stage);
      product.listing = command.how;
      if (command.how === "shrunk") await importAll(stage);
      break;
    case "disturb MDM":
      product.disturb(command.call, command.how, command.count);
      break;
    case "join":
      change(product.groups, command.collection).members.add(command.member);
      break;
    case "leave":
      change(product.groups, command.collection).members.delete(command.member);
      break;
  }
  return "done";
}

function change<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new Error(`The MDM has no "${name}"`);
  return value;
}
