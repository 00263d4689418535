import type { DeviceRecord, UserRecord } from "./holders.js";

/** Whose licence an install uses: the person's (five devices) or the device's own. */
export type Licensing = "user" | "device";

/** An app as Steps name it. */
export interface AppRef {
  /** Apple's numeric id as text. */
  readonly adamId: string;
  /** Null until Apple or the product has told it. */
  readonly bundleId: string | null;
  /** For people to read; the `adamId` while no name is known. */
  readonly name: string;
  /** Apple's `supportedPlatforms`: iOS, macOS, tvOS, watchOS, visionOS. */
  readonly platforms: readonly string[];
  /** With authority `target`: the product's id of the token that the app is of, since two may own the same app. Otherwise null. */
  readonly tokenExternalId: string | null;
  /** What `ensureApplication` returned for this app; null when the product has no app objects. */
  readonly applicationHandle: string | null;
}

/** One thing to be done for one app on one device. */
export interface Step {
  /**
   * Made by the core, at most 120 printable ASCII characters. The same key again must give the same outcome, and no
   * second install, also among other Steps than before: where the product takes an id with each command, make it of this
   * one key, and a command of one Step.
   */
  readonly key: string;
  /**
   * `verify` looks once more at what became of an earlier Step, whose handle comes along: its outcome is `accepted` with
   * that same handle when the product was asked, or `done` when what that Step wanted has been seen on the device. A
   * product that has nothing to ask the device by answers `accepted`; the next `poll` tells.
   */
  readonly action: "install" | "remove" | "verify";
  /**
   * When the core decided it, the same for the same key. Where a product tells the state of an app and not of a command, a
   * failure or an absence that a device reported before does not answer this Step, but the one before: keep it in the handle.
   */
  readonly decidedAt: Date;
  readonly app: AppRef;
  readonly device: Pick<DeviceRecord, "externalId" | "serial" | "udid" | "platform">;
  /** The device's user; null under device licensing of a device without one. */
  readonly user: Pick<UserRecord, "externalId" | "principalName"> | null;
  readonly licensing: Licensing;
  /**
   * The product's own collection that the Deployment goes to. Only set with authority `target` and a collection
   * mirrored from this Target, and while the Step's action is what the Deployment wants of every member, also in its end
   * when it is deleted: then the plugin may address the collection as a whole. Otherwise null, also for a device that merely
   * left the collection: the plugin addresses the devices, if need be through a collection of its own that holds only these.
   */
  readonly collection: { readonly externalId: string; readonly name: string } | null;
  /** For `verify`: the handle of the Step to look after. Otherwise null. */
  readonly handle: string | null;
}

/** Every `FailureCode`. */
export const FAILURE_CODES = [
  "DEVICE_UNKNOWN",
  "DEVICE_UNREACHABLE",
  "NOT_SUPPORTED",
  "NO_LICENSE",
  "NEEDS_USER",
  "USER_REFUSED",
  "REJECTED_BY_TARGET",
  "INSTALL_FAILED",
  "REMOVE_FAILED",
] as const;

/**
 * Why a Step or an install failed, independent of the product. `DEVICE_UNKNOWN` the product does not know the device ·
 * `DEVICE_UNREACHABLE` it knows it, and cannot reach it for good · `NOT_SUPPORTED` neither this device nor this app can do
 * that · `NO_LICENSE` the product or Apple says that there is no licence · `NEEDS_USER` somebody has to do something at the
 * device, which the remedy says · `USER_REFUSED` the person said no · `REJECTED_BY_TARGET` the product's no, for its own
 * reason · `INSTALL_FAILED`, `REMOVE_FAILED` the device tried in vain.
 */
export type FailureCode = (typeof FAILURE_CODES)[number];

/** One failure as data: what, in whose words, and what somebody can do. */
export interface Failure {
  readonly code: FailureCode;
  /** A sentence for admins; the product's own words and code where it has some. No secret. */
  readonly detail: string;
  /** What somebody can do about it. */
  readonly remedy?: string;
}

/**
 * What `apply` says of one Step. Each kind may be answered again to the same key. Of one that says something else the Step is
 * told again a minute later, with the same key; the others count.
 */
export type StepOutcome =
  /** The product has it. Several Steps may share a handle; their statuses are told apart by device. */
  | { readonly key: string; readonly outcome: "accepted"; readonly handle: string }
  /** It is already so on the device, and the product has seen that. */
  | { readonly key: string; readonly outcome: "done"; readonly observedAt: Date }
  /** Not now, as when the product throttles in the midst of a batch: asked again with the same key, not before `until`. */
  | { readonly key: string; readonly outcome: "deferred"; readonly until: Date; readonly reason: string }
  /** Final: this Step is not told again; a retry comes as a Step with another key. */
  | { readonly key: string; readonly outcome: "failed"; readonly failure: Failure };

/** Every `DeviceAppState`. */
export const DEVICE_APP_STATES = [
  "pending",
  "needs-user",
  "installing",
  "installed",
  "removed",
  "failed",
  "unknown",
] as const;

/**
 * `pending` queued or not reported yet · `needs-user` someone has to act on the device · `installing` under way ·
 * `installed`, `removed` seen on the device itself, not merely acknowledged · `failed` with a Failure, final for this
 * Step · `unknown` the product cannot tell.
 */
export type DeviceAppState = (typeof DEVICE_APP_STATES)[number];

/** What the product says about one device and one Handle at one moment. */
export interface StepStatus {
  /** The handle this speaks of. */
  readonly handle: string;
  /** `externalId` of the device. */
  readonly device: string;
  readonly state: DeviceAppState;
  /**
   * When the product saw this, by its own account; the time of its answer where it does not tell. Of two statuses the later
   * one counts, so an old one that comes late does no harm; one that is more than an hour ahead counts as seen now.
   */
  readonly observedAt: Date;
  /** With `failed`, required; with `needs-user`, what to do, as `NEEDS_USER`. */
  readonly failure?: Failure;
}

/**
 * A wish of the plugin to look again: the core then applies a `verify` Step with this handle. After news of the device it does
 * so as early as wished; while the device tells the same, or nothing, each pause is twice as long as the one before, up to
 * six hours.
 */
export interface FollowUp {
  /** The handle of the Step to look after. */
  readonly handle: string;
  /** `externalId` of the device. */
  readonly device: string;
  /** Not earlier than this many milliseconds from now. */
  readonly afterMs: number;
}

export interface Statuses {
  readonly statuses: readonly StepStatus[];
  readonly followUps: readonly FollowUp[];
}
