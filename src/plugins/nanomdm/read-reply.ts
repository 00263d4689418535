import type { StepStatus, WebhookReading } from "../contract.js";
import { type AppView, appView, rejectionView } from "./app-state.js";
import { appMark, type DecodedCommand, decodeCommandUuid, handleOf } from "./command-uuid.js";
import { enrollmentOf } from "./enrollment.js";
import { type EventAt, NOTHING } from "./event.js";
import { readPropertyList } from "./property-list.js";
import { descriptionOf } from "./read-checkin.js";
import { type Reply, reply, type Sender } from "./wire.js";

/** An acknowledged command has been taken, not carried out: the device is asked for its apps a little later, and again. */
const FIRST_LOOK_MS = 15_000;
const NEXT_LOOK_MS = 20_000;

type Acknowledged = Sender & {
  readonly status?: string | null | undefined;
  readonly command_uuid?: string | null | undefined;
};

/**
 * What a device's reply tells. Commands of others are read for the device's description alone.
 * @throws PluginError `internal` for a reply to a command of ours that is no property list.
 */
export function readReply(event: Acknowledged, { at, payload }: EventAt): WebhookReading {
  if (event.status === "Idle") return readIdle(event, { at, payload });
  const command = decodeCommandUuid(event.command_uuid ?? "");
  if (!command) return isDescription(payload) ? readDescription(event, { at, payload }) : NOTHING;
  const message = reply.parse(readPropertyList(payload));
  const enrollment = enrollmentOf(event, message);
  if (!enrollment) return NOTHING;
  const { device } = enrollment;
  const handle = handleOf(command.order, device);
  const view = viewOf(command, event.status ?? message.Status ?? "", message);
  if (!view) return NOTHING;
  const status: StepStatus = {
    handle,
    device,
    state: view.state,
    observedAt: at,
    ...(view.failure ? { failure: view.failure } : {}),
  };
  const afterMs = command.kind === "order" ? FIRST_LOOK_MS : NEXT_LOOK_MS;
  return { ...NOTHING, statuses: [status], followUps: view.isOpen ? [{ handle, device, afterMs }] : [] };
}

/** A device that asks for work is enrolled; that is heard often, and so mends what a lost check-in has left wrong. */
function readIdle(event: Acknowledged, { at, payload }: EventAt): WebhookReading {
  const enrollment = enrollmentOf(event, reply.parse(readPropertyList(payload)));
  if (enrollment?.channel !== "device") return NOTHING;
  const { device, udid } = enrollment;
  const seen = { externalId: device, ...(udid === null ? {} : { udid }), state: "enrolled", lastSeenAt: at } as const;
  return { ...NOTHING, devices: [seen] };
}

/** Long replies to others are not parsed for nothing. */
function isDescription(payload: Uint8Array): boolean {
  return Buffer.from(payload).includes("<key>SerialNumber</key>");
}

function readDescription(event: Acknowledged, { at, payload }: EventAt): WebhookReading {
  const message = reply.parse(readPropertyList(payload));
  const enrollment = enrollmentOf(event, message);
  if (!message.QueryResponses || enrollment?.channel !== "device") return NOTHING;
  const { device: externalId, udid } = enrollment;
  const description = descriptionOf(message.QueryResponses);
  const seen = { externalId, ...(udid === null ? {} : { udid }), ...description, lastSeenAt: at } as const;
  return { ...NOTHING, devices: [{ ...seen, state: "enrolled" }] };
}

/** Null when the reply says nothing about the app. */
function viewOf(command: DecodedCommand, status: string, message: Reply): AppView | null {
  switch (status) {
    case "Acknowledged":
      return command.kind === "order" ? ofOrder(command, message) : ofLook(command, message);
    case "Error":
    case "CommandFormatError":
      return command.kind === "order" ? ofError(command, status, message) : { state: "unknown", isOpen: false };
    // The device keeps the command, and answers it later.
    case "NotNow":
      return command.kind === "order" ? { state: "pending", isOpen: false } : null;
    default:
      return null;
  }
}

function ofOrder({ goal }: DecodedCommand, { State, RejectionReason }: Reply): AppView {
  if (goal === "remove") return { state: "pending", isOpen: true };
  if (RejectionReason) return rejectionView(RejectionReason);
  const view = State ? appView("install", State) : null;
  if (!view) return { state: "installing", isOpen: true };
  // The device has said that it will, or that it did so a moment ago: its list of apps is asked all the same.
  return view.state === "installed" || view.state === "removed" ? { state: "installing", isOpen: true } : view;
}

function ofLook({ goal, appMark: mark }: DecodedCommand, { ManagedApplicationList }: Reply): AppView | null {
  if (!ManagedApplicationList) return null;
  const found = Object.entries(ManagedApplicationList).find(([bundleId]) => appMark(bundleId) === mark);
  return appView(goal, found ? (found[1].Status ?? "Unknown") : undefined);
}

function ofError({ goal }: DecodedCommand, status: string, { ErrorChain }: Reply): AppView {
  const causes = (ErrorChain ?? []).map((error) => {
    const words = error.USEnglishDescription || error.LocalizedDescription || "no description";
    return `${words} (${[error.ErrorDomain, error.ErrorCode].filter((part) => part != null).join(" ")})`;
  });
  const what = status === "Error" ? "answered with an error" : "could not read the command";
  const detail = `The device ${what}: ${causes.join(", ") || "it gives no reason"}.`.slice(0, 1000);
  if (status !== "Error") return { state: "failed", isOpen: false, failure: { code: "REJECTED_BY_TARGET", detail } };
  if (goal === "install") return { state: "failed", isOpen: false, failure: { code: "INSTALL_FAILED", detail } };
  // It answers so also where the app is not there (any more), which its list of apps tells.
  const remedy = "If the app stays on the device, somebody has to delete it there.";
  return { state: "needs-user", isOpen: true, failure: { code: "NEEDS_USER", detail, remedy } };
}
