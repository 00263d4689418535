/** How an install ends, or how far it gets. */
export type InstallEnd =
  | "Managed"
  | "UserInstalledApp"
  | "UserRejected"
  | "UpdateRejected"
  | "ManagementRejected"
  | "Failed"
  | "Prompting"
  | "PromptingForLogin"
  | "PromptingForManagement"
  | "NeedsRedemption"
  | "Queued"
  | "Installing"
  | "Unknown";

/** States that a device tells of once. Then it no more lists the app, unless an update was refused of one that stays. */
const TOLD_ONCE: ReadonlySet<string> = new Set([
  "UserInstalledApp",
  "UserRejected",
  "UpdateRejected",
  "ManagementRejected",
  "Failed",
]);

/** The ends of which the app is there and managed. */
const MANAGED: ReadonlySet<string> = new Set(["Managed", "UpdateRejected"]);

/** The way to the end, each for its share of the time of an install. */
const WAY = ["Queued", "ValidatingPurchase", "Installing", "Installing"];

/** An app on a device, or on its way there. */
export class SimulatedApp {
  #toldOnce = false;
  #removedAt: number | null = null;
  /** The person has deleted it; it stays listed. */
  isDeletedByPerson = false;
  /** Sent by declaration instead of commands: those fail, and lists leave it out. */
  isDeclared = false;

  constructor(
    readonly adamId: string,
    readonly bundleId: string,
    private readonly startedAt: number,
    private readonly durationMs: number,
    private readonly end: InstallEnd,
    readonly managementFlags: number,
  ) {}

  /** What the device says of it now; undefined when it does not list it. */
  status(now: number): string | undefined {
    if (this.isDeclared || this.isGone(now)) return undefined;
    if (this.#toldOnce) return this.end === "UpdateRejected" ? "Managed" : undefined;
    if (this.isDeletedByPerson) return "ManagedButUninstalled";
    const elapsed = now - this.startedAt;
    if (elapsed >= this.durationMs) return this.end;
    return WAY[Math.floor((elapsed / this.durationMs) * WAY.length)];
  }

  /** The same, for a list that is sent: what is told once is not told again. */
  tell(now: number): string | undefined {
    const status = this.status(now);
    if (status !== undefined && TOLD_ONCE.has(status)) this.#toldOnce = true;
    return status;
  }

  /** Whether it can be opened. */
  isInstalled(now: number): boolean {
    const isDone = now - this.startedAt >= this.durationMs;
    const isThere = this.isDeclared || (isDone && (MANAGED.has(this.end) || this.end === "UserInstalledApp"));
    return isThere && !this.isDeletedByPerson && !this.isGone(now);
  }

  isManaged(now: number): boolean {
    return this.isInstalled(now) && MANAGED.has(this.end) && !this.isDeclared;
  }

  removeAt(time: number): void {
    this.#removedAt ??= time;
  }

  isGone(now: number): boolean {
    return this.#removedAt !== null && now >= this.#removedAt;
  }
}
