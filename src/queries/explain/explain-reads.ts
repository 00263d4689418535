import DataLoader from "dataloader";
import type { Installation } from "../../entities/installation.js";
import type { Node } from "../../entities/node.js";
import { findByKeys } from "../by-key.js";
import { HINDRANCES_SQL } from "../hindrances-sql.js";
import { deploymentsThatKeep } from "../kept-by.js";
import type { NodeClass, NodeKey } from "../node-key.js";
import { type QueuePlace, queuePlaces } from "../queue-places.js";
import { type Scoped, scopeOrAll, withToken } from "../scopes.js";
import { type ServedFirst, servedFirst } from "../served-first.js";
import { rows } from "../sql.js";

/** Reads for one explanation of several installations, gathered: what each of them wants to know is one statement for all. */
export class ExplainReads {
  readonly #finders = new Map<NodeClass, DataLoader<NodeKey, Node | null>>();

  constructor(
    private readonly scoped: Scoped,
    private readonly now: Date,
  ) {}

  /** The object with this primary key; null when there is none in the scope of the teams, or no key. */
  async find<Row extends Node>(node: NodeClass<Row>, ...key: (string | null)[]): Promise<Row | null> {
    if (key.includes(null)) return null;
    let finder = this.#finders.get(node) as DataLoader<NodeKey, Row | null> | undefined;
    if (!finder) {
      finder = gather((keys: readonly NodeKey[]) => findByKeys(this.scoped, node, keys));
      this.#finders.set(node, finder as DataLoader<NodeKey, Node | null>);
    }
    return finder.load(key as string[]);
  }

  /** The registration of its user with its token that is not over, or the last one that Apple refused: its id. */
  readonly registration = gather((asked: readonly Installation[]) => this.valueFor(asked, REGISTRATION_SQL));

  /** The last licence of the device or its user, whose return is awaited: its id. */
  readonly returningLicense = gather((asked: readonly Installation[]) => this.valueFor(asked, RETURNING_SQL));

  readonly queuePlace = gather(
    (asked: readonly Installation[]): Promise<(QueuePlace | null)[]> =>
      queuePlaces(this.scoped.db, asked.map(keyOf), this.now),
  );

  readonly servedFirst = gather(
    (asked: readonly Installation[]): Promise<ServedFirst[][]> => servedFirst(this.scoped.db, asked.map(keyOf)),
  );

  /** The deployment whose install wins over this uninstall. */
  readonly keeper = gather(
    (asked: readonly Installation[]): Promise<(NodeKey | null)[]> =>
      deploymentsThatKeep(this.scoped.db, asked.map(keyOf)),
  );

  /** The removal of the same app from the device, by another deployment, that an install waits for: its id. */
  readonly hindrance = gather((asked: readonly Installation[]) => this.valueFor(asked, HINDRANCE_SQL));

  /** The name of the token by whose licence the device has the same product, or could, where the teams see it. */
  readonly otherToken = gather((asked: readonly Installation[]) =>
    this.valueFor(asked, OTHER_TOKEN_SQL, this.scoped.teams),
  );

  /** What a statement finds for each of them; null where it finds nothing. */
  private async valueFor(
    asked: readonly Installation[],
    found: string,
    ...more: unknown[]
  ): Promise<(string | null)[]> {
    const answers = await rows<{ ordinal: number; value: string }>(
      this.scoped.db,
      `SELECT (asked.ordinal - 1)::int AS ordinal, found.value
       FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked(token_id, id, ordinal)
       JOIN installation i ON i.token_id = asked.token_id AND i.id = asked.id
       CROSS JOIN LATERAL (${found}) found`,
      [asked.map(({ tokenId }) => tokenId), asked.map(({ id }) => id), ...more],
    );
    const byOrdinal = new Map(answers.map(({ ordinal, value }) => [ordinal, value]));
    return asked.map((_, ordinal) => byOrdinal.get(ordinal) ?? null);
  }
}

const keyOf = ({ tokenId, id }: Installation): NodeKey => [tokenId, id];

/** The installation is `i` in each of these. */
const REGISTRATION_SQL = `
  SELECT id AS value FROM apple_user
  WHERE token_id = i.token_id AND user_id = i.user_id AND status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED', 'REFUSED')
  ORDER BY status = 'REFUSED', id DESC LIMIT 1`;

const RETURNING_SQL = `
  SELECT id AS value FROM license
  WHERE token_id = i.token_id AND store_app_id = i.store_app_id AND state = 'RETURNING' AND ended_at IS NULL
    AND (device_id = i.device_id OR (token_id, apple_user_id) IN (SELECT token_id, id FROM apple_user WHERE user_id = i.user_id))
  ORDER BY id LIMIT 1`;

/** One that is told comes first. */
const HINDRANCE_SQL = `
  SELECT hindrance.id AS value
  FROM token JOIN LATERAL (SELECT other.id, other.handle FROM ${HINDRANCES_SQL}) hindrance ON true
  WHERE token.id = i.token_id
  ORDER BY hindrance.handle IS NULL, hindrance.id LIMIT 1`;

/** A licence that the device goes by comes before one that it, or its person, only holds. */
const OTHER_TOKEN_SQL = `
  SELECT token.name AS value
  FROM (
    SELECT 1 AS rank, license.token_id, license.store_app_id, license.ended_at
    FROM (SELECT token_id, license_id FROM installation WHERE device_id = i.device_id OFFSET 0) used
    JOIN license ON license.token_id = used.token_id AND license.id = used.license_id
    UNION ALL
    SELECT 2, held.* FROM (SELECT token_id, store_app_id, ended_at FROM license WHERE device_id = i.device_id OFFSET 0) held
    UNION ALL
    SELECT 3, license.token_id, license.store_app_id, license.ended_at
    FROM (SELECT token_id, id FROM apple_user WHERE user_id = i.user_id OFFSET 0) registration
    JOIN license ON license.token_id = registration.token_id AND license.apple_user_id = registration.id
  ) other
  JOIN store_app theirs ON theirs.token_id = other.token_id AND theirs.id = other.store_app_id
  JOIN store_app ours ON ours.token_id = i.token_id AND ours.id = i.store_app_id
  JOIN token ON token.id = other.token_id
  WHERE other.token_id <> i.token_id AND other.ended_at IS NULL
    AND theirs.adam_id = ours.adam_id AND theirs.pricing_param = ours.pricing_param
    AND ${scopeOrAll(withToken, "other", "$3::text[]")}
  ORDER BY other.rank, token.name LIMIT 1`;

function gather<Key, Answer>(read: (keys: readonly Key[]) => Promise<Answer[]>): DataLoader<Key, Answer> {
  return new DataLoader(read, { cache: false });
}
