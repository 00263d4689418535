import { answerCommand, type CommandAnswer } from "./answer-command.js";
import { idsOf } from "./check-in.js";
import { type Dictionary, readPlist, writePlist } from "./property-list.js";
import type { SimulatedDevice } from "./simulated-device.js";
import type { Enrollment, World } from "./world.js";

/** Devices that are about to connect, or are connected: a push meanwhile changes nothing but that they look again. */
const underWay = new WeakMap<SimulatedDevice, { again: boolean }>();

/** Wakes a device: after a moment it asks for work on each of its channels, until there is none. */
export function connect(world: World, device: SimulatedDevice): void {
  const running = underWay.get(device);
  if (running) {
    running.again = true;
    return;
  }
  if (!device.isOnline || !device.isEnrolled) return;
  const run = { again: false };
  underWay.set(device, run);
  const end = world.activity.begin();
  setTimeout(async () => {
    try {
      for (const enrollment of channelsOf(world, device)) await talk(world, enrollment);
    } catch (error) {
      console.error("A simulated device failed:", error);
    } finally {
      underWay.delete(device);
      if (run.again) connect(world, device);
      end();
    }
  }, world.switches.replyDelayMs).unref();
}

function channelsOf(world: World, device: SimulatedDevice): Enrollment[] {
  return [...world.enrollments.values()].filter((enrollment) => enrollment.device === device);
}

/** One conversation: Idle, then an answer to each command that comes. */
async function talk(world: World, enrollment: Enrollment): Promise<void> {
  const { device, queue } = enrollment;
  report(world, enrollment, null, { Status: "Idle" });
  let skipNotNow = false;
  for (;;) {
    const command = queue.next(skipNotNow);
    if (!command || !device.isOnline || !device.isEnrolled) return;
    const surroundings = { store: world.store, switches: world.switches, now: Date.now() };
    const isBusy = world.random.next() < world.switches.notNow;
    const answer = isBusy ? { Status: "NotNow" } : await answerCommand(device, command.raw, surroundings);
    command.status = answer.Status;
    skipNotNow ||= answer.Status === "NotNow";
    report(world, enrollment, command.uuid, answer);
  }
}

/** The device's words in bytes, as the server passes them on. */
function report(world: World, enrollment: Enrollment, uuid: string | null, answer: CommandAnswer): void {
  const { device, user } = enrollment;
  const who: Dictionary = device.kind === "UserEnrollment" ? { EnrollmentID: device.id } : { UDID: device.udid };
  const person: Dictionary = user ? { UserID: user.id, UserShortName: user.shortName } : {};
  const payload = writePlist({ ...who, ...person, ...(uuid === null ? {} : { CommandUUID: uuid }), ...answer });
  world.webhook.post("mdm.Connect", {
    event_id: world.random.bytes(8).toString("hex"),
    acknowledge_event: {
      ...idsOf(world, enrollment),
      status: answer.Status,
      ...(uuid === null ? {} : { command_uuid: uuid }),
      raw_payload: payload.toString("base64"),
      url_params: null,
    },
  });
}

/** What a command that comes over the API has to have. @throws Error in the server's words. */
export function decodeCommand(raw: string): { uuid: string; requestType: string } {
  const plist = readPlist(raw);
  const uuid = plist.CommandUUID;
  const requestType = (plist.Command as Dictionary | undefined)?.RequestType;
  if (typeof uuid !== "string" || uuid === "") throw new Error("decoding command: empty CommandUUID");
  if (typeof requestType !== "string" || requestType === "") throw new Error("decoding command: empty RequestType");
  return { uuid, requestType };
}
