/**
 * The plugin contract, version 1: how Allotment drives any MDM product.
 *
 * | Noun | Means |
 * |---|---|
 * | Plugin | the code that adapts one MDM product; what `definePlugin` returns |
 * | Target | one configured connection to one installation (or tenant) of that product |
 * | Connection | what `connect` returns: a live object that serves one Target in one process |
 * | Abilities | what the product can do by its nature, as the Plugin declares it |
 * | Step | one thing to be done for one app on one device: install it, remove it, or verify what became of it |
 * | Handle | the plugin's own note about an accepted Step, at most 2 KiB; the core stores it and hands it back |
 * | Status | what the product says about one device and one Handle at one moment |
 * | Holder | a user, a device, or a collection of them, as the product reports them |
 * | Follow-up | the plugin's wish that the core look after a Handle again later |
 * | Finding | what an admin should know of a Target |
 *
 * A plugin throws nothing but `PluginError`, never sleeps, never retries and keeps no durable state: deadlines, queues,
 * retries and storage are the core's. A call that reaches out gets an `AbortSignal`, which fires after 60 seconds at the latest
 * (those of `connect` included), and ends soon after it has fired, with a PluginError `transient`. Ids have 1 to 1024 bytes of
 * UTF-8, cursors at most 65,536 characters, pages at most 100,000 records; neither an id nor a handle holds U+0000 or half a
 * character. Texts are cut after 2000 characters (`contract/limits.ts`).
 */
import { z } from "zod";
import type { Channel, ChannelOptions } from "./contract/channel.js";
import type { HolderKind, HolderPage } from "./contract/holders.js";
import type { Inquiry } from "./contract/inquiries.js";
import type { Invitation } from "./contract/invitations.js";
import type { TargetLicenses } from "./contract/licenses.js";
import type { Release } from "./contract/release.js";
import type { AppRef, Statuses, Step, StepOutcome } from "./contract/steps.js";
import type { CONTRACT_VERSION } from "./contract/version.js";
import type { Webhook } from "./contract/webhook.js";

/** The zod that settings are made with, for a plugin that brings none of its own. */
export { z } from "zod";
export * from "./contract/channel.js";
export * from "./contract/holders.js";
export * from "./contract/inquiries.js";
export * from "./contract/invitations.js";
export * from "./contract/licenses.js";
export * from "./contract/limits.js";
export * from "./contract/plugin-error.js";
export * from "./contract/problems.js";
export * from "./contract/release.js";
export * from "./contract/steps.js";
export * from "./contract/time-limit.js";
export * from "./contract/version.js";
export * from "./contract/webhook.js";

/** Who claims and returns licences at Apple: Allotment (`service`), or the product with its own token (`target`). */
export type LicenseAuthority = "service" | "target";

/** What a plugin reaches the world with. Nothing else may be used for I/O, time or chance. */
export interface PluginTools {
  /**
   * The usual way out: allows the hosts in `TARGET_HOSTS`, follows no redirect (PluginError `config`), reads at most 32 MiB
   * (`rejected`), and waits at most 55 seconds (`transient`, as for a product that cannot be reached). The body has been
   * read when it resolves. A host is reached over 16 sockets; of more than 1000 requests at once one is refused
   * (`internal`). Let its errors through.
   */
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
  /** One line to the service's log, cut as texts are; no more than 100 a minute are written. Never pass a secret. */
  readonly log: (message: string, details?: Record<string, unknown>) => void;
}

/** What the product can do by its nature, whatever one tenant allows: that is what `check` finds. */
export interface Abilities {
  /** The kinds that `listHolders` lists; empty when there is no listing, and devices become known by webhook. */
  readonly lists: readonly HolderKind[];
  /** The product has app objects, which `ensureApplication` makes. */
  readonly applications: boolean;
  /**
   * `poll` learns from the product what became of Steps. False: webhooks alone tell, and since one may be lost, `poll`
   * answers with a follow-up for each Handle whose end it has to ask the device about.
   */
  readonly polls: boolean;
  /** What the product tells by calling us; empty when it calls nobody. */
  readonly webhooks: readonly ("holders" | "statuses")[];
  /** It can show people Apple's invitation on their devices (`invite`). Left out: it cannot. */
  readonly invites?: boolean;
  /** It can ask devices what they are (`inquire`), and its webhook tells the answers. Left out: it cannot, or need not. */
  readonly inquires?: boolean;
  /**
   * What `apply` sets up at the product goes on acting after the Steps are over, as an assignment to a group does that others
   * may join: `release` ends it. Left out: nothing does.
   */
  readonly releases?: boolean;
  /** It is reached over the network. False only where the product is a part of the plugin, as in `mock`. */
  readonly network: boolean;
}

/** Every `ApnsState`. */
export const APNS_STATES = ["valid", "expired", "missing", "not-reported"] as const;

/** `not-reported`: the product does not tell, which is no fault. */
export type ApnsState = (typeof APNS_STATES)[number];

/** Every severity of a Finding. */
export const FINDING_SEVERITIES = ["info", "warning", "error"] as const;

/** What an admin should know of a Target. An `error` says why installs cannot work. */
export interface Finding {
  readonly severity: (typeof FINDING_SEVERITIES)[number];
  /** UPPER_SNAKE_CASE, stable: a front end may key on it. */
  readonly code: string;
  /** A sentence for admins. No secret. */
  readonly message: string;
  /** What somebody can do about it. */
  readonly remedy?: string;
}

/** What `check` found. */
export interface CheckResult {
  /** True when installs can work. */
  readonly ok: boolean;
  /** The product's APNs certificate: without a valid one no device hears anything. */
  readonly apns: { readonly state: ApnsState; readonly expiresAt: Date | null };
  readonly findings: readonly Finding[];
}

/**
 * A live object for one Target. It has exactly the members that its plugin's abilities and authority ask for.
 *
 * Each call throws `PluginError` and nothing else. For one Target the core makes one call of `apply`, `poll`, `release`,
 * `webhook.read` and `licenses.revoke` after the other, over all processes; any other call may run at the same time, also in other
 * processes, each with a Connection of its own. So what a Connection remembers must be worth nothing.
 */
export interface TargetConnection {
  /**
   * Reach the product: what this tenant really allows, and findings. Wrong credentials are a PluginError `config`; what is
   * missing for installs, such as a permission, may be one as well or a finding with `ok: false`.
   */
  check(signal: AbortSignal): Promise<CheckResult>;
  /**
   * A page of one kind; `cursor` is null for the first, then each page's `next`. Only asked for kinds in `abilities.lists`,
   * in the order user, device, collection, since each names the ones before.
   */
  listHolders?<K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal): Promise<HolderPage<K>>;
  /**
   * Make the product's app object, or find the one that is there: twice gives the same handle, of at most 2 KiB. It comes
   * back in every `AppRef`.
   */
  ensureApplication?(app: Omit<AppRef, "applicationHandle">, signal: AbortSignal): Promise<{ readonly handle: string }>;
  /**
   * Hand over 1 to 1000 Steps of any apps, devices and actions: exactly one outcome each, in any order. One Step's failure is
   * its outcome, and spoils no other.
   *
   * Throws only when nothing is known of any Step, since whatever it throws makes the core tell all of them again, also those
   * that the product has taken: with the same keys, but perhaps not together, as others join them and some are no longer
   * wanted. Nothing else is told to the Target before that. So one that cannot be done, for whatever reason, is `failed`, or
   * `deferred` while that may pass: if it made `apply` throw each time, it would hold up all the others for good. What is
   * answered after the signal has fired is not read: stop before, and defer the rest.
   */
  apply(steps: readonly Step[], signal: AbortSignal): Promise<readonly StepOutcome[]>;
  /**
   * What became of 1 to 1000 Handles: a Status for each device that the product has news of. Never throws for a Handle
   * that it does not know, which is left out, as may be what could not be read when other Handles could: it is asked for
   * again. Asked soon after `apply`, then at growing intervals, at last hourly.
   */
  poll(handles: readonly string[], signal: AbortSignal): Promise<Statuses>;
  /**
   * Has each of 1 to 500 people shown Apple's invitation on a device of theirs, whose app waits until they accept it: once when it
   * is open, and once more with each reminder. Best effort, since it cannot be known what a person has seen: what the product
   * does not take is left out, and shown with the next reminder. Throws only when it could be told nothing.
   */
  invite?(invitations: readonly Invitation[], signal: AbortSignal): Promise<void>;
  /**
   * Asks each of 1 to 500 devices for its serial number, which the product has not told: without one no device can hold a
   * licence of its own. The answers come by webhook. Best effort: a device that does not answer is asked again after a week. Throws
   * only when none could be asked.
   */
  inquire?(inquiries: readonly Inquiry[], signal: AbortSignal): Promise<void>;
  /**
   * Ends what `apply` has set up at the product for an app and a collection of its own, or for devices that were addressed alone:
   * from now on nobody gets or loses the app by it. No Deployment wants it any more, and no Step of it is under way. With a
   * collection, the devices that keep the app have been told alone before, by `install` Steps without one, and keep it. Without,
   * none is left that does. What others have set up stays. Nothing left to end is as good as done; may come twice, and late.
   * Throws while something of it still stands: then all of it is asked for again, at growing intervals, at last daily.
   */
  release?(release: Release, signal: AbortSignal): Promise<void>;
  /** How the product's calls are read. */
  readonly webhook?: Webhook;
  /** The product's licence books. */
  readonly licenses?: TargetLicenses;
  /** Release sockets. Called once, after the last call has ended. */
  close?(): Promise<void>;
}

/** The code that adapts one MDM product. */
export interface Plugin<Settings extends z.ZodObject = z.ZodObject> {
  /** 1 to 40 lower-case letters, digits and hyphens, a letter first. Stable: stored with each Target. */
  readonly name: string;
  /** The contract that the plugin was written for. */
  readonly contract: typeof CONTRACT_VERSION;
  /** The product's name, for people. */
  readonly displayName: string;
  /**
   * A zod object of what an admin fills in, as JSON can carry it; fields it does not name are refused. Mark secrets with
   * `secret()`: a field that holds one anywhere is stored encrypted and never returned. Checked again at each `connect`,
   * so a later release may add fields with defaults.
   */
  readonly settings: Settings;
  readonly licenseAuthority: LicenseAuthority;
  readonly abilities: Abilities;
  /** True when nothing works without the product calling us: then a Target needs `PUBLIC_URL`. */
  readonly needsPublicUrl?: boolean;
  /**
   * Makes a Connection from settings that fit. Called anew after each change of the settings, in each process. It need not
   * reach the product: `check` does. Throws PluginError.
   */
  connect(settings: z.infer<Settings>, tools: PluginTools): TargetConnection | Promise<TargetConnection>;
}

/** A setting that is a secret text: a password, a key. */
export function secret(): z.ZodString {
  return z.string().min(1).meta({ secret: true });
}

/** Ties the types of a plugin together; its result is what a plugin's module exports. */
export function definePlugin<Settings extends z.ZodObject>(plugin: Plugin<Settings>): Plugin<Settings> {
  return plugin;
}
