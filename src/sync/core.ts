import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import type { Plugin } from "../plugins/contract.js";
import type { AnsweredLocation, AppleClient } from "./apple/apple-client.js";
import type { GuardedFetch } from "./targets/guarded-fetch.js";
import type { TargetConnections } from "./targets/target-connections.js";

/** Where time and chance come from (rule 12). */
export interface Clock {
  /** The time now. */
  now(): Date;
  /** A duration in milliseconds, divided by TIME_SCALE. */
  scaled(durationMs: number): number;
  /** A moment that far ahead: `now() + scaled(durationMs)`. */
  in(durationMs: number): Date;
  /** A number from 0 (included) to 1 (excluded). */
  random(): number;
  /** A new random UUID. */
  uuid(): string;
}

/** The place of a sealed value: moved to another, it does not open. */
export interface SecretPlace {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** Encryption at rest, secrets that are made instead of stored, and digests of what holds secrets. */
export interface SecretBox {
  seal(plain: string, place: SecretPlace): string;
  open(sealed: string, place: SecretPlace): string;
  /** Always the same for one purpose, until ENCRYPTION_KEY changes. */
  derive(purpose: string): string;
  /** Tells texts apart of which nobody may guess what they are. */
  digest(text: string): string;
  /** Whether it is the digest of this text, with any of the keys in ENCRYPTION_KEY. */
  isDigest(digest: string, text: string): boolean;
}

/** What the admin of this installation has decided; from the configuration. */
export interface Policy {
  readonly tokenLimit: number;
  readonly allowEducation: boolean;
  readonly fullSyncDays: number;
  /** When synchronisations are due, as a cron expression in UTC. */
  readonly syncCron: string;
  /** So many days before a token expires a warning is given; descending. */
  readonly expiryWarningDays: readonly number[];
  /** For so many days audit events are kept. */
  readonly auditDays: number;
  /** Where others can call us; null when they cannot. */
  readonly publicUrl: string | null;
}

/** What the data directory remembers of this installation, apart from the database that may be put back. */
export interface EpochRecord {
  readonly mdmId: string;
  /** Never higher than that of the database, while it is the living one. */
  readonly epoch: number;
  /** Under which instances we have claimed, the present one first. */
  readonly instances: readonly string[];
  /** Which database it was, and how far its log had come: it never goes back by itself. Null where the server tells neither. */
  readonly log: { readonly database: string; readonly position: string } | null;
}

export interface EpochFile {
  /** Null when there is none, or none that can be understood. */
  read(): Promise<EpochRecord | null>;
  /** Written as a whole or not at all; a directory that cannot be written to is logged. */
  write(record: EpochRecord): Promise<void>;
}

/** What Apple has last told this process of a token's location. */
export interface SeenLocation extends AnsweredLocation {
  /** It was what the database says. */
  readonly agreed: boolean;
}

/** What a verb may need beside its transaction and its input; made once, in `server.ts`. */
export interface Core {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly secrets: SecretBox;
  readonly apple: AppleClient;
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly targets: TargetConnections;
  /** How webhooks go out. */
  readonly webhooks: GuardedFetch;
  readonly policy: Policy;
  readonly log: Logger;
  readonly epochFile: EpochFile;
  /** By token; of this process alone. */
  readonly seenLocations: Map<string, SeenLocation>;
}

/** The key of a row that belongs to a token. */
export interface TokenScopedKey {
  readonly tokenId: string;
  readonly id: string;
}
