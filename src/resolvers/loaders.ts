import DataLoader from "dataloader";
import type { DataSource, ObjectLiteral } from "typeorm";
import { Deployment } from "../entities/deployment.js";
import { type Installation, InstallationReason, InstallationState } from "../entities/installation.js";
import type { Node, TokenScopedNode } from "../entities/node.js";
import { appWarnings } from "../queries/app-warnings.js";
import { findByKeys } from "../queries/by-key.js";
import { type Children, findChildren } from "../queries/children.js";
import { countItems } from "../queries/count.js";
import { type DriftFacts, driftFacts } from "../queries/drift/drift-facts.js";
import type { DriftKey, DriftType } from "../queries/drift/drift-type.js";
import { countInstallations, type InstallationCount } from "../queries/installation-counts.js";
import { deploymentsThatKeep } from "../queries/kept-by.js";
import { type LastSlot, lastSyncSlot } from "../queries/last-slot.js";
import { type Forecast, licenseForecasts } from "../queries/license-forecast.js";
import { type HistoryDay, licenseHistory, type Period } from "../queries/license-history.js";
import { countWaiting } from "../queries/license-report.js";
import type { List, ListRequest, Page, Relation } from "../queries/list.js";
import { decodeNodeKey, keyOf, missing, type NodeClass, type NodeKey } from "../queries/node-key.js";
import { notificationsAt } from "../queries/notifications-at.js";
import { readPages } from "../queries/page.js";
import { type QueuePlace, queuePlaces } from "../queries/queue-places.js";
import { type Quota, readQuotas } from "../queries/quotas.js";
import { type ReclaimFacts, reclaimFacts } from "../queries/reclaim-facts.js";
import type { Scoped } from "../queries/scopes.js";
import { LazyConnection } from "./lazy-connection.js";

const MAX_BATCH = 1000;

/**
 * Reads of one request, gathered: what is asked for many objects at once is one statement. Nothing is kept, so that
 * what a mutation answers is what it has written. What the teams do not see is as if it were not there.
 */
export class Loaders {
  readonly #batches = new Map<string, unknown>();

  constructor(private readonly scoped: Scoped) {}

  private get db(): DataSource {
    return this.scoped.db;
  }

  /** The object with this primary key; null when there is none, or no key. */
  async find<Row extends Node>(node: NodeClass<Row>, ...key: (string | null)[]): Promise<Row | null> {
    if (key.includes(null)) return null;
    const batch = this.batch<Row | null>(node.name, (keys) => findByKeys(this.scoped, node, keys));
    return batch.load(key as string[]);
  }

  /** The object with this primary key, which must be there. */
  async require<Row extends Node>(node: NodeClass<Row>, ...key: string[]): Promise<Row> {
    return (await this.find(node, ...key)) ?? missing(node, key.join(":"));
  }

  /**
   * The object with this global id.
   * @throws AppError NOT_FOUND when there is none of that type.
   */
  async byGlobalId<Row extends Node>(node: NodeClass<Row>, globalId: string): Promise<Row> {
    const key = decodeNodeKey(node, globalId);
    return (key && (await this.find(node, ...key))) ?? missing(node, globalId);
  }

  /** A page of a whole list. */
  list<Item, Filter extends object, Field extends string>(
    list: List<Item, Filter, Field>,
    request: ListRequest<Filter, Field>,
  ): LazyConnection<Item> {
    return new LazyConnection(
      async () => (await readPages(this.scoped, list, request))[0] as Page<Item>,
      async () => (await countItems(this.scoped, list, request.filter))[0] as number,
    );
  }

  /** A page of the items that belong to an object. */
  related<Item, Filter extends object, Field extends string>(
    list: List<Item, Filter, Field>,
    { columns }: Relation,
    parent: Node,
    request: ListRequest<Filter, Field> = {},
  ): LazyConnection<Item> {
    const relation = columns.map(({ name }) => name).join();
    const key = keyOf(parent);
    return new LazyConnection(
      () =>
        this.batch<Page<Item>>(`page ${list.name} ${relation} ${JSON.stringify(request)}`, (keys) =>
          readPages(this.scoped, list, request, { columns, keys }),
        ).load(key),
      () =>
        this.batch<number>(`count ${list.name} ${relation} ${JSON.stringify(request.filter ?? null)}`, (keys) =>
          countItems(this.scoped, list, request.filter, { columns, keys }),
        ).load(key),
    );
  }

  /** All rows of a short kind that belong to an object. */
  children<Row extends ObjectLiteral>(children: Children<Row>, parent: Node): Promise<Row[]> {
    const batch = this.batch<Row[]>(`children ${children.entity.name}`, (keys) =>
      findChildren(this.scoped, children, keys),
    );
    return batch.load(keyOf(parent));
  }

  /** How many installations of a deployment are in which state. */
  installationCounts(deployment: Node): Promise<InstallationCount[]> {
    const batch = this.batch<InstallationCount[]>("installation counts", (keys) => countInstallations(this.db, keys));
    return batch.load(keyOf(deployment));
  }

  /** The deployment whose install wins over an uninstall; null where none does. */
  async keptBy(uninstall: Installation): Promise<Deployment | null> {
    if (uninstall.reason !== InstallationReason.KEPT_BY_INSTALL) return null;
    const batch = this.batch<NodeKey | null>("kept by", (keys) => deploymentsThatKeep(this.db, keys));
    const key = await batch.load(keyOf(uninstall));
    return key && this.find(Deployment, ...key);
  }

  /** How many installations of an app wait for a licence. */
  waiting(storeApp: Node): Promise<number> {
    return this.batch<number>("waiting", (keys) => countWaiting(this.db, keys)).load(keyOf(storeApp));
  }

  /** Where an installation stands among those who wait for stock; null when it does not. */
  async queuePlace(installation: Installation, now: Date): Promise<QueuePlace | null> {
    if (installation.state !== InstallationState.WAITING_FOR_LICENSE) return null;
    const batch = this.batch<QueuePlace | null>("queue places", (keys) => queuePlaces(this.db, keys, now));
    return batch.load(keyOf(installation));
  }

  /** What living reservations keep of an app, given its key. */
  quotas(storeApp: NodeKey, now: Date): Promise<Quota[]> {
    return this.batch<Quota[]>("quotas", (keys) => readQuotas(this.db, keys, now)).load(storeApp);
  }

  /** When Apple last notified us of a token's changes. */
  notificationsAt(token: Node): Promise<Date | null> {
    return this.batch<Date | null>("notifications at", (keys) => notificationsAt(this.db, keys)).load(keyOf(token));
  }

  /** When synchronisations were last due, and of how many tokens. */
  lastSyncSlot(): Promise<LastSlot> {
    return this.batch<LastSlot>("last sync slot", async () => [await lastSyncSlot(this.db)]).load([]);
  }

  /** What is the matter with an app's counts; null when nothing is. */
  warning(storeApp: Node): Promise<string | null> {
    return this.batch<string | null>("warning", (keys) => appWarnings(this.db, keys)).load(keyOf(storeApp));
  }

  /** An app's counts, day by day. */
  licenseHistory(storeApp: Node, period: Period): Promise<HistoryDay[]> {
    const name = `history ${period.from.toISOString()} ${period.to.toISOString()}`;
    return this.batch<HistoryDay[]>(name, (keys) => licenseHistory(this.db, keys, period)).load(keyOf(storeApp));
  }

  /** When an app's licences run out, as things go. */
  forecast(storeApp: Node, now: Date): Promise<Forecast> {
    return this.batch<Forecast>("forecast", (keys) => licenseForecasts(this.db, now, keys)).load(keyOf(storeApp));
  }

  /** What is to be known of a licence before it is taken back. */
  reclaimFacts(license: TokenScopedNode): Promise<ReclaimFacts> {
    const batch = this.batch<ReclaimFacts>("reclaim facts", async (keys) => {
      const found = await reclaimFacts(
        this.db,
        keys.map(([tokenId = "", id = ""]) => ({ tokenId, id })),
      );
      const byKey = new Map(found.map((facts) => [`${facts.tokenId},${facts.id}`, facts]));
      return keys.map((key) => byKey.get(key.join()) as ReclaimFacts);
    });
    return batch.load(keyOf(license));
  }

  /** What is to be known of a drift; null when it is none any more. */
  driftFacts({ type, tokenId, id }: DriftKey, stalledBefore: Date): Promise<DriftFacts | null> {
    const batch = this.batch<DriftFacts | null>("drift facts", (keys) => {
      const drifts = keys.map(([type, tokenId = "", id = ""]) => ({ type: type as DriftType, tokenId, id }));
      return driftFacts(this.db, drifts, stalledBefore);
    });
    return batch.load([type, tokenId, id]);
  }

  /** The batch of that name; each key is read once however often it is asked for. */
  private batch<Answer>(
    name: string,
    read: (keys: readonly NodeKey[]) => Promise<Answer[]>,
  ): DataLoader<NodeKey, Answer> {
    const known = this.#batches.get(name) as DataLoader<NodeKey, Answer> | undefined;
    if (known) return known;
    const batch = new DataLoader<NodeKey, Answer>(
      async (keys) => {
        const distinct = new Map(keys.map((key) => [key.join(), key]));
        const answers = await read([...distinct.values()]);
        const byKey = new Map([...distinct.keys()].map((key, at) => [key, answers[at] as Answer]));
        return keys.map((key) => byKey.get(key.join()) as Answer);
      },
      { cache: false, maxBatchSize: MAX_BATCH },
    );
    this.#batches.set(name, batch);
    return batch;
  }
}
