import type { Licensing, OnLeave } from "./command.js";

/** A wish, with the devices that it ever reached. */
export class Deployment {
  readonly app: string;
  readonly collection: string;
  readonly licensing: Licensing;
  readonly onLeave: OnLeave;
  action: "INSTALL" | "UNINSTALL" = "INSTALL";
  deleted = false;
  /** Devices that were members, with their app, at some moment. */
  readonly everReached = new Set<string>();

  constructor(wish: { app: string; collection: string; licensing: Licensing; onLeave: OnLeave }) {
    this.app = wish.app;
    this.collection = wish.collection;
    this.licensing = wish.licensing;
    this.onLeave = wish.onLeave;
  }

  flip(): void {
    this.action = this.action === "INSTALL" ? "UNINSTALL" : "INSTALL";
  }

  delete(): void {
    this.deleted = true;
  }

  remember(devices: readonly string[]): void {
    for (const device of devices) this.everReached.add(device);
  }
}
