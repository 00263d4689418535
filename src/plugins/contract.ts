/**
 * The plugin contract, version 1: how Allotment drives any MDM product.
 *
 * | Noun | Means |
 * |---|---|
 * | Plugin | the code that adapts one MDM product; what `definePlugin` returns |
 * | Target | one configured connection to one installation (or tenant) of that product |
 * | Connection | what `connect` returns: a live object that serves one Target in one process |
 * | Step | one thing to be done for one app on one device: install it, remove it, or verify what became of it |
 * | Handle | the plugin's own note about an accepted Step, at most 2 KiB; the core stores it and hands it back |
 * | Status | what the product says about one device and one Handle at one moment |
 * | Holder | a user, a device, or a collection of them, as the product reports them |
 *
 * A plugin throws nothing but `PluginError`, never sleeps, never retries and keeps no durable state: deadlines, queues,
 * retries and storage are the core's. Every call gets an `AbortSignal` and ends soon after it fires.
 */
import { z } from "zod";

export const CONTRACT_VERSION = 1;

/** The longest Handle the core stores, in bytes of UTF-8. */
export const MAX_HANDLE_BYTES = 2048;

/** Who claims and returns licences at Apple: Allotment (`service`), or the product with its own token (`target`). */
export type LicenseAuthority = "service" | "target";

/** Whose licence an install uses: the person's (five devices) or the device's own. */
export type Licensing = "user" | "device";

/**
 * What a product proves itself by instead of a certificate of a public authority.
 *
 * `authority`: one or more certificates as PEM, at most 64 KiB: the authority's, or the server's own. They alone are trusted,
 * and the server's name and dates must fit.
 * `sha256`: the SHA-256 fingerprint of the server's certificate, 64 hexadecimal digits with or without colons. It must match
 * exactly, and stands instead of chain, name and dates.
 */
export type PinnedCertificate = { readonly authority: string } | { readonly sha256: string };

export interface ChannelOptions {
  /** Left out: the authorities that Node trusts. With one, only https is reached. */
  readonly certificate?: PinnedCertificate;
}

/** Sockets that no other Connection shares, under the rules of `fetch`. */
export interface Channel {
  /**
   * As `PluginTools.fetch`.
   * @throws PluginError as `fetch` does, and `config` when the server's certificate is not the one that was asked for.
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Runs an exchange whose requests go over one socket a host, one after the other, with no other request in between: for
   * products that authenticate a socket, as NTLM does. Exchanges of one Channel wait for each other. The socket stays open for a
   * later exchange, which may find it authenticated, or another one: be ready for both.
   * @param run gets the `fetch` to use, good until it ends.
   * @throws PluginError `transient` when the signal fires before its turn; what `run` throws. A socket that is lost in the middle
   * fails the next request as `transient`; it never goes over another one.
   */
  exchange<T>(signal: AbortSignal, run: (fetch: typeof globalThis.fetch) => Promise<T>): Promise<T>;
}

/** What a plugin reaches the world with. Nothing else may be used for I/O, time or chance. */
export interface PluginTools {
  /** The usual way out: enforces the allowed hosts, sizes, times, and follows no redirect. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * The other way out, for a product with a certificate of its own or one that authenticates a socket. Open one in `connect` and
   * keep it: the core releases it when the Connection is closed.
   * @throws PluginError `config` when the certificate is none.
   */
  readonly openChannel: (options: ChannelOptions) => Channel;
  /** The time now. */
  readonly now: () => Date;
  /** A number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** One line to the service's log. Never pass a secret. */
  readonly log: (message: string, details?: Record<string, unknown>) => void;
}

/**
 * `config`: an admin must change the settings or the product; not retried before that.
 * `transient`: worth another try, after `retryAfterMs` when given.
 * `rejected`: the product's final no to this very request.
 * `internal`: the plugin met what it does not understand.
 */
export type PluginErrorKind = "config" | "transient" | "rejected" | "internal";

/** The only error a plugin throws. The message is shown to admins: no secret, no stack, a sentence on what to do. */
export class PluginError extends Error {
  override readonly name = "PluginError";

  constructor(
    readonly kind: PluginErrorKind,
    message: string,
    readonly options: { readonly retryAfterMs?: number; readonly vendorCode?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
}

/** An app as Steps name it. */
export interface AppRef {
  /** Apple's numeric id as text. */
  readonly adamId: string;
  readonly bundleId: string | null;
  readonly name: string;
  /** Apple's `supportedPlatforms`: iOS, macOS, tvOS, watchOS, visionOS. */
  readonly platforms: readonly string[];
  /** What `ensureApplication` returned for this app; null when the product has no app objects. */
  readonly applicationHandle: string | null;
}

export interface UserRecord {
  /** The product's id of this user: stable, unique within the Target. */
  readonly externalId: string;
  /** The sign-in name (UPN); equal normalised names of several Targets are one User. Null or empty never merges. */
  readonly principalName: string | null;
  readonly displayName: string | null;
  readonly email: string | null;
  /** The Managed Apple Account of the organisation that owns the token, when the product knows it. */
  readonly managedAppleId: string | null;
}

/** `enrolled`: can be managed. The others mean that every managed app is gone. A silent device stays `enrolled`. */
export type DeviceState = "enrolled" | "wiped" | "retired" | "deleted";

export interface DeviceRecord {
  /** The product's id of this device: stable, unique within the Target. */
  readonly externalId: string;
  /** Apple's serial number, verbatim; equal normalised serials of several Targets are one Device. */
  readonly serial: string | null;
  readonly udid: string | null;
  readonly name: string | null;
  /** iOS, macOS, tvOS, watchOS or visionOS; null when unknown. */
  readonly platform: string | null;
  /** `externalId` of the primary user; null for a device without one. */
  readonly userExternalId: string | null;
  readonly state: DeviceState;
  readonly lastSeenAt: Date | null;
}

export interface CollectionRecord {
  readonly externalId: string;
  readonly name: string;
  readonly kind: "user" | "device";
  /** `externalId`s of all members, nested ones resolved. */
  readonly memberExternalIds: readonly string[];
}

export interface HolderRecords {
  user: UserRecord;
  device: DeviceRecord;
  collection: CollectionRecord;
}

export type HolderKind = keyof HolderRecords;

/** One page of a listing. Members leave only after a listing whose last page says `complete: true`. */
export interface HolderPage<K extends HolderKind = HolderKind> {
  readonly records: readonly HolderRecords[K][];
  /** Opaque; null on the last page. */
  readonly next: string | null;
  /** On the last page: true if the pages together hold everything that exists. False on every other page. */
  readonly complete: boolean;
}

export interface Step {
  /**
   * Made by the core, at most 120 printable ASCII characters. The same key again must give the same outcome, and no
   * second install: where the product takes an id with each command, make it of this.
   */
  readonly key: string;
  /**
   * `verify` looks once more at what became of an earlier Step, whose handle comes along: its outcome is `accepted` with
   * that same handle when the product was asked, or `done` when what that Step wanted has been seen on the device.
   */
  readonly action: "install" | "remove" | "verify";
  readonly app: AppRef;
  readonly device: Pick<DeviceRecord, "externalId" | "serial" | "udid" | "platform">;
  /** The device's user; null under device licensing of a device without one. */
  readonly user: Pick<UserRecord, "externalId" | "principalName"> | null;
  readonly licensing: Licensing;
  /**
   * The product's own collection that the Deployment goes to. Only set with authority `target` and a collection
   * mirrored from this Target, and while the Step's action is what the Deployment wants of every member: then the plugin
   * may address the collection as a whole. Otherwise null, also for a device that merely left the collection: the plugin
   * addresses the devices, if need be through a collection of its own that holds only these.
   */
  readonly collection: { readonly externalId: string; readonly name: string } | null;
  /** For `verify`: the handle of the Step to look after. Otherwise null. */
  readonly handle: string | null;
}

/** Why a Step or an install failed, independent of the product. */
export type FailureCode =
  | "DEVICE_UNKNOWN"
  | "DEVICE_UNREACHABLE"
  | "NOT_SUPPORTED"
  | "NO_LICENSE"
  | "USER_REFUSED"
  | "REJECTED_BY_TARGET"
  | "INSTALL_FAILED"
  | "REMOVE_FAILED";

/** One failure as data: what, in whose words, and what somebody can do. */
export interface Failure {
  readonly code: FailureCode;
  readonly detail: string;
  readonly remedy?: string;
}

export type StepOutcome =
  /** The product has it. Several Steps may share a handle; their statuses are told apart by device. */
  | { readonly key: string; readonly outcome: "accepted"; readonly handle: string }
  /** It is already so on the device, and the product has seen that. */
  | { readonly key: string; readonly outcome: "done"; readonly observedAt: Date }
  /** Not now: ask again with the same key, not before `until`. */
  | { readonly key: string; readonly outcome: "deferred"; readonly until: Date; readonly reason: string }
  | { readonly key: string; readonly outcome: "failed"; readonly failure: Failure };

/**
 * `pending` queued or not reported yet · `needs-user` someone has to act on the device · `installing` under way ·
 * `installed`, `removed` seen on the device itself, not merely acknowledged · `failed` with a Failure, final for this
 * Step · `unknown` the product cannot tell.
 */
export type DeviceAppState = "pending" | "needs-user" | "installing" | "installed" | "removed" | "failed" | "unknown";

export interface StepStatus {
  /** The handle this speaks of. */
  readonly handle: string;
  /** `externalId` of the device. */
  readonly device: string;
  readonly state: DeviceAppState;
  /** When the product saw this; of two statuses the later one counts. */
  readonly observedAt: Date;
  /** With `failed`, required; with `needs-user`, what to do. */
  readonly failure?: Failure;
}

/** A wish of the plugin to look again: the core then applies a `verify` Step with this handle. */
export interface FollowUp {
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

export type ApnsState = "valid" | "expired" | "missing" | "not-reported";

export interface Finding {
  readonly severity: "info" | "warning" | "error";
  /** UPPER_SNAKE_CASE, stable: a front end may key on it. */
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

export interface CheckResult {
  /** True when installs can work. */
  readonly ok: boolean;
  /** The product's APNs certificate: without a valid one no device hears anything. */
  readonly apns: { readonly state: ApnsState; readonly expiresAt: Date | null };
  readonly findings: readonly Finding[];
}

/**
 * An HTTP request to `/targets/<id>/webhook`. Header names are lower-case. `verify` gets all headers as received; `read` gets
 * those that are saved: `content-type`, `content-length`, `user-agent`, `date`, and each `x-…` whose name holds none of
 * `key`, `secret`, `token`, `auth`, `signature`, `credential`, `pass`, `cookie`, `session`.
 */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly receivedAt: Date;
}

export interface WebhookReading extends Statuses {
  /** Users and devices that the event tells of; they are added or changed, never taken away. */
  readonly users: readonly UserRecord[];
  readonly devices: readonly DeviceRecord[];
}

export interface Webhook {
  /** Is it authentic? A false answer is refused with 401 and not saved. */
  verify(request: WebhookRequest): boolean | Promise<boolean>;
  /** Pure: the same event gives the same reading. Called after the raw event has been saved, perhaps more than once. */
  read(request: WebhookRequest): WebhookReading;
}

/** A content token that the product holds. */
export interface TargetToken {
  readonly externalId: string;
  readonly name: string;
  readonly organization: string | null;
  /** Apple's location id (`uId`) when the product knows it; two writers for one location are refused by it. */
  readonly locationId: string | null;
  readonly country: string | null;
  readonly expiresAt: Date | null;
  readonly state: "valid" | "expired" | "invalid" | "claimed-elsewhere";
}

/** One app of such a token, with the product's counts as read. */
export interface TargetApp {
  readonly adamId: string;
  readonly pricingParam: "STDQ" | "PLUS";
  readonly name: string;
  readonly bundleId: string | null;
  readonly platforms: readonly string[];
  readonly deviceAssignable: boolean;
  readonly totalCount: number;
  readonly assignedCount: number;
}

export interface TargetLicenseHolder {
  readonly kind: Licensing;
  /** `externalId` of the user or device. */
  readonly externalId: string;
}

export interface ListPage<T> {
  readonly records: readonly T[];
  readonly next: string | null;
}

/** With authority `target` only: the product's own licence books. */
export interface TargetLicenses {
  tokens(signal: AbortSignal): Promise<readonly TargetToken[]>;
  /** Ask the product to read from Apple now. `finished: false`: ask again later. */
  sync(tokenExternalId: string, signal: AbortSignal): Promise<{ readonly finished: boolean }>;
  apps(tokenExternalId: string, cursor: string | null, signal: AbortSignal): Promise<ListPage<TargetApp>>;
  holders(
    tokenExternalId: string,
    adamId: string,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<ListPage<TargetLicenseHolder>>;
  /** Take licences back. Returning one that is not held is done, not an error. */
  revoke(
    tokenExternalId: string,
    adamId: string,
    holders: readonly TargetLicenseHolder[],
    signal: AbortSignal,
  ): Promise<void>;
}

export interface TargetConnection {
  /** Reach the product: what this tenant really allows, and findings. */
  check(signal: AbortSignal): Promise<CheckResult>;
  /** A page of users, devices or collections; absent when the product has no listing. */
  listHolders?<K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal): Promise<HolderPage<K>>;
  /** Make (or find) the product's app object; its handle comes back in every `AppRef`. Absent: there are none. */
  ensureApplication?(app: Omit<AppRef, "applicationHandle">, signal: AbortSignal): Promise<{ readonly handle: string }>;
  /** Exactly one outcome a Step, in any order. */
  apply(steps: readonly Step[], signal: AbortSignal): Promise<readonly StepOutcome[]>;
  /** What became of these handles. Never throws for one unknown handle: it is left out. */
  poll(handles: readonly string[], signal: AbortSignal): Promise<Statuses>;
  readonly webhook?: Webhook;
  readonly licenses?: TargetLicenses;
  /** Release sockets. */
  close?(): Promise<void>;
}

export interface Plugin<Settings extends z.ZodObject = z.ZodObject> {
  /** Lower-case, stable: stored with each Target. */
  readonly name: string;
  readonly contract: typeof CONTRACT_VERSION;
  readonly displayName: string;
  /**
   * A zod object of what an admin fills in, as JSON can carry it; fields it does not name are refused. Mark secrets with
   * `secret()`: a field that holds one anywhere is stored encrypted and never returned. Checked again at each `connect`,
   * so a later release may add fields with defaults.
   */
  readonly settings: Settings;
  readonly licenseAuthority: LicenseAuthority;
  /** True when nothing works without the product calling us: then a Target needs `PUBLIC_URL`. */
  readonly needsPublicUrl?: boolean;
  /** Makes a Connection; called anew after each change of the settings. Throws PluginError. */
  connect(settings: z.infer<Settings>, tools: PluginTools): TargetConnection | Promise<TargetConnection>;
}

/** A setting that is a secret text: a password, a key. */
export function secret(): z.ZodString {
  return z.string().min(1).meta({ secret: true });
}

/** Ties the types of a plugin together; the one thing a plugin's `index.ts` exports is its result. */
export function definePlugin<Settings extends z.ZodObject>(plugin: Plugin<Settings>): Plugin<Settings> {
  return plugin;
}
