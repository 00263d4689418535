/** Everything that may happen in a history, as data: a list of these is a history, and any part of it is one, too. */
export type Command =
  /** At Apple. */
  | { readonly what: "purchase" | "refund"; readonly app: string; readonly count: number }
  /** Another MDM, or an admin on Apple's own pages, gives or takes a device's licence. */
  | { readonly what: "give" | "take"; readonly app: string; readonly device: string }
  /** The person opens the invitation as soon as there is one. */
  | { readonly what: "accept"; readonly user: string }
  /** Our admin. */
  | {
      readonly what: "deploy";
      readonly app: string;
      readonly collection: string;
      readonly licensing: Licensing;
      readonly onLeave: OnLeave;
    }
  | { readonly what: "flip" | "delete"; readonly app: string; readonly collection: string }
  | { readonly what: "join" | "leave"; readonly collection: string; readonly member: string }
  | { readonly what: "synchronize" | "import" | "thaw" }
  | { readonly what: "freeze"; readonly how: Freeze }
  /** An admin gives a device's licence without an install, or takes that back. */
  | { readonly what: "assign"; readonly app: string; readonly device: string }
  /** At the MDM. */
  | { readonly what: "hand over"; readonly device: string; readonly user: string | null }
  | { readonly what: "device"; readonly device: string; readonly state: DeviceState }
  | { readonly what: "behave"; readonly device: string; readonly manner: Manner }
  | { readonly what: "list"; readonly how: ListingManner }
  /** Between us and others. */
  | { readonly what: "disturb Apple"; readonly path: string; readonly how: Disturbance; readonly count: number }
  | {
      readonly what: "disturb MDM";
      readonly call: "apply" | "poll" | "list";
      readonly how: Disturbance;
      readonly count: number;
    }
  | { readonly what: "fail events" | "forget events" | "repeat notifications" }
  /** Apple's answers of that path are kept back, their effect done, until they are let go. */
  | { readonly what: "hold"; readonly path: string }
  | { readonly what: "let go" }
  /** The worker dies as by `kill -9`: at once, or when Apple is next asked for that. */
  | { readonly what: "kill"; readonly at: string | null }
  | { readonly what: "pause"; readonly ms: number }
  /** What is under way for devices goes on, as far as it can for a moment. */
  | { readonly what: "work" }
  /** Everything in hand comes to its end, and is judged. */
  | { readonly what: "rest" };

export type Licensing = "USER" | "DEVICE";
export type OnLeave = "KEEP" | "UNINSTALL" | "RECLAIM";
export type DeviceState = "enrolled" | "wiped" | "retired" | "deleted";
/** `refusing` fails each install and each removal, `silent` does and says nothing. */
export type Manner = "good" | "refusing" | "silent";
/** `partial` leaves holders out and says so; `shrunk` leaves most of them out and claims to be complete. */
export type ListingManner = "complete" | "partial" | "shrunk";
/** An answer that refuses; a connection cut before the effect; one cut after it, so that the answer is lost. */
export type Disturbance = "refuse" | "cut" | "lose the answer";
export type Freeze = "suspend" | "take over" | "read only";

/** In a few words, for a log. */
export function tell(command: Command): string {
  const { what, ...rest } = command;
  return [what, ...Object.values(rest)].join(" ");
}
