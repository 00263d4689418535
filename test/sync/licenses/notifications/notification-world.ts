import { randomUUID } from "node:crypto";
import type { AppleOperation } from "../../../../src/entities/apple-operation.js";
import { AppleOperationState } from "../../../../src/entities/apple-operation.js";
import type { StoreApp } from "../../../../src/entities/store-app.js";
import type { Token } from "../../../../src/entities/token.js";
import { readNotifications } from "../../../../src/sync/licenses/notifications/read-notifications.js";
import { receiveNotification } from "../../../../src/sync/licenses/notifications/receive-notification.js";
import { tokenSecretPlace } from "../../../../src/sync/tokens/token-access.js";
import { fingerprintOf } from "../../../../src/sync/tokens/token-file.js";
import { SampleRows } from "../../../http/sample-rows.js";
import { createTokenWorld, type TokenWorld } from "../../tokens/token-world.js";

export interface OpenRunSeen {
  mode: string;
  trigger: string;
  state: string;
}

/** A token with one app of Apple's, nothing synchronised, and no worker: a test reads notifications when it likes. */
export interface NotificationWorld extends TokenWorld {
  readonly samples: SampleRows;
  /** A token of the simulator's first location; at most one at a time. */
  token(own?: Partial<Token>): Promise<Token>;
  /** One of the simulator's apps, by its place in the catalogue, with counts that nobody has. */
  app(token: Token, place?: number): Promise<StoreApp>;
  /** An operation that became this event; SENT, with its next look in half a minute, if nothing else is said. */
  operation(app: StoreApp, eventId: string | null, own?: Partial<AppleOperation>): Promise<AppleOperation>;
  /** As if Apple had called. */
  notify(token: Token, type: string, notification: unknown, own?: Record<string, unknown>): Promise<void>;
  /** Runs the job. */
  readAll(token: Token): Promise<void>;
  /** The outcomes in the order of the calls; null while one is unread. */
  outcomes(token: Token): Promise<(string | null)[]>;
  openRuns(token: Token): Promise<OpenRunSeen[]>;
  /** When the jobs of that name for the token run. */
  jobs(token: Token, name: string): Promise<Date[]>;
  hintedAt(token: Token): Promise<Date | null>;
}

export async function createNotificationWorld(): Promise<NotificationWorld> {
  const world = await createTokenWorld({ timeScale: 1, apple: { apps: 20, assigned: 0 } });
  const { core, apple } = world;
  const samples = new SampleRows(core.dataSource);
  const [location] = apple.world.locations;
  if (!location) throw new Error("The simulator has no location");
  return {
    ...world,
    samples,
    async token(own = {}) {
      await core.dataSource.query("UPDATE token SET location_id = NULL, fingerprint = id::text");
      const id = randomUUID();
      const secret = core.secrets.seal(apple.tokenFile, tokenSecretPlace(id));
      const fingerprint = fingerprintOf(apple.tokenFile);
      return samples.token({ id, secret, fingerprint, locationId: location.identity.uId, ...own });
    },
    async app(token, place = 0) {
      const asset = [...location.assets.rows][place];
      if (!asset) throw new Error(`The simulator has no app ${place}`);
      const counts = { totalCount: 0, countsAt: new Date(0) };
      return samples.storeApp(token, { adamId: asset.item.adamId, pricingParam: "STDQ", ...counts });
    },
    operation: (app, eventId, own = {}) =>
      samples.appleOperation(app, {
        state: AppleOperationState.SENT,
        eventId,
        nextAttemptAt: core.clock.in(30_000),
        ...own,
      }),
    async notify(token, type, notification, own = {}) {
      const envelope = { notificationId: randomUUID(), notificationType: type, notification, uId: token.locationId };
      await receiveNotification(core, token.id, JSON.stringify({ ...envelope, ...own }));
    },
    readAll: (token) => readNotifications(core, { tokenId: token.id }),
    async outcomes(token) {
      const seen = await world.read<{ outcome: string | null; read: boolean }>(
        "SELECT outcome, read_at IS NOT NULL AS read FROM apple_notification WHERE token_id = $1 ORDER BY id",
        [token.id],
      );
      return seen.map(({ outcome, read }) => (read ? outcome : null));
    },
    openRuns: (token) =>
      world.read("SELECT mode, trigger, state FROM sync_run WHERE token_id = $1 AND ended_at IS NULL", [token.id]),
    async jobs(token, name) {
      const jobs = await world.read<{ run_at: Date }>(
        `SELECT job.run_at FROM graphile_worker._private_jobs job
         JOIN graphile_worker._private_tasks task ON task.id = job.task_id
         WHERE task.identifier = $1 AND job.payload ->> 'tokenId' = $2 ORDER BY job.run_at`,
        [name, token.id],
      );
      return jobs.map((job) => job.run_at);
    },
    async hintedAt(token) {
      const [seen] = await world.read<{ hinted_at: Date | null }>("SELECT hinted_at FROM token WHERE id = $1", [
        token.id,
      ]);
      return seen?.hinted_at ?? null;
    },
  };
}
