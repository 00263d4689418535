import type { Place } from "./world.js";

/** What is found when everything has come to rest, in the model's own names. */
export interface Seen {
  readonly apple: {
    readonly licenses: readonly Place[];
    /** Licences that can still be given out, by app. */
    readonly room: ReadonlyMap<string, number>;
  };
  readonly mdm: { readonly installed: readonly Installed[] };
  readonly ours: {
    /** The ledger, ended licences included. */
    readonly licenses: readonly LicenseSeen[];
    readonly installations: readonly InstallationSeen[];
    readonly apps: readonly AppSeen[];
  };
}

/** An app that is on a device. */
export interface Installed {
  readonly app: string;
  readonly device: string;
}

export interface LicenseSeen extends Place {
  readonly id: string;
  readonly state: string;
  readonly startCause: string;
  readonly endCause: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export interface InstallationSeen {
  readonly app: string;
  readonly collection: string;
  /** Null for a member that reached none. */
  readonly device: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly left: boolean;
  /** Of the licence it uses. */
  readonly license: string | null;
}

export interface AppSeen {
  readonly app: string;
  readonly total: number;
  readonly assigned: number;
  readonly held: number;
}
