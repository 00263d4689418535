import { createHash } from "node:crypto";

/**
 * A CommandUUID says all that its reply has to be read by, so that nothing is remembered. Dots and lower case only: some
 * servers keep commands as files, some compare without regard to case. 100 characters at most; NanoMDM allows 127.
 */

const PREFIX = "allotment";

/** A namespace of our own, drawn once (RFC 9562, version 5). */
const NAMESPACE = Buffer.from("6c1f1f3b1d5e4f0c9a3a7d0c52e8b94e", "hex");

/** What a Step wants of the app in the end. */
export type Goal = "install" | "remove";

/** `order` the command of the Step itself; `look` a list of managed apps after it. */
export type CommandKind = "order" | "look";

export interface DecodedCommand {
  readonly goal: Goal;
  readonly kind: CommandKind;
  /** The CommandUUID of the Step's own command, by which its handle is made. */
  readonly order: string;
  /** Tells the app by its bundle id, see `appMark`. */
  readonly appMark: string;
}

const GOALS: Readonly<Record<string, Goal>> = { i: "install", r: "remove" };
const PATTERN = /^(allotment\.([ir])\.[0-9a-f-]{36}\.([0-9a-f]{12}))(\.l\.[0-9a-f-]{36})?$/;

/** The CommandUUID of a Step's own command: the same Step, the same command. */
export function orderUuid(goal: Goal, key: string, bundleId: string): string {
  return [PREFIX, goal === "install" ? "i" : "r", uuidOf(key), appMark(bundleId)].join(".");
}

/** Of a look that a `verify` Step asks for. */
export function lookUuid(order: string, key: string): string {
  return `${order}.l.${uuidOf(key)}`;
}

/** Of an invitation. */
export function invitationUuid(key: string): string {
  return `${PREFIX}.n.${uuidOf(key)}`;
}

/** Of a question what the device is. */
export function inquiryUuid(key: string): string {
  return `${PREFIX}.d.${uuidOf(key)}`;
}

/** Null for a command of somebody else, for an invitation, whose reply tells nothing, and for an inquiry, whose reply tells all. */
export function decodeCommandUuid(commandUuid: string): DecodedCommand | null {
  const [, order, goalLetter, mark, look] = PATTERN.exec(commandUuid.toLowerCase()) ?? [];
  const goal = GOALS[goalLetter ?? ""];
  if (order === undefined || mark === undefined || goal === undefined) return null;
  return { goal, kind: look === undefined ? "order" : "look", order, appMark: mark };
}

/** Bundle ids may be longer than a CommandUUID, so a part of their hash stands for them. */
export function appMark(bundleId: string): string {
  return createHash("sha256").update(bundleId).digest("hex").slice(0, 12);
}

/** The note about an accepted Step: its command, and the device it went to. */
export function handleOf(order: string, device: string): string {
  return `${order}@${device}`;
}

/** Null for a handle that is not ours. */
export function decodeHandle(handle: string): { readonly order: string; readonly device: string } | null {
  const at = handle.indexOf("@");
  const order = handle.slice(0, at);
  if (at < 0 || decodeCommandUuid(order)?.kind !== "order") return null;
  return { order, device: handle.slice(at + 1) };
}

function uuidOf(name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
