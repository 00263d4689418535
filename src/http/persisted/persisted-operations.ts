import { createHash } from "node:crypto";
import { InMemoryLRUCache, type KeyValueCache } from "@apollo/utils.keyvaluecache";
import { GraphQLError, type GraphQLSchema, parse, validate } from "graphql";
import { Role } from "../../entities/role.js";
import { AppError } from "../../errors.js";
import type { Access } from "../../schema/access.js";
import { REPORT_PAGE } from "../report-page.js";
import type { PersistedSettings } from "./persisted-settings.js";

/** Which of a request's parts say what is to be executed. */
interface Asked {
  readonly query?: unknown;
  readonly extensions?: unknown;
}

/** Where what stands out on the list at the start is told. */
interface Log {
  warn(details: Record<string, unknown>, message: string): void;
}

/**
 * Operations that are sent by their hash: those on the list, and those that a client has sent once with its hash
 * (automatic persisted queries), which each replica remembers for itself as long as there is room.
 */
export class PersistedOperations {
  readonly #texts: ReadonlySet<string>;
  readonly #sent = new InMemoryLRUCache<string>();

  constructor(private readonly settings: PersistedSettings) {
    this.#texts = new Set([...settings.operations.values(), REPORT_PAGE]);
  }

  /** For Apollo Server, which checks what is sent against its hash; the list needs no check, and no certain hash. */
  get cache(): KeyValueCache<string> {
    const { operations } = this.settings;
    return {
      get: async (key) => operations.get(key.slice(key.indexOf(":") + 1)) ?? (await this.#sent.get(key)),
      set: (key, text, options) => this.#sent.set(key, text, options),
      delete: (key) => this.#sent.delete(key),
    };
  }

  /** The same request with the text of its operation, if it names one of the list. */
  complete<Request extends Asked>(request: Request): Request {
    const hash = hashIn(request);
    const text = hash === null ? undefined : this.settings.operations.get(hash);
    // Over WebSocket there must be a text, so that it is empty.
    if (text === undefined || (request.query ?? "") !== "") return request;
    const { persistedQuery: _, ...extensions } = request.extensions as Readonly<Record<string, unknown>>;
    return { ...request, query: text, extensions };
  }

  /**
   * For subscriptions, which are kept under no hash: clients send the text again, as they do when it was forgotten.
   * @throws GraphQLError in Apollo Server's words for a hash alone that is not on the list, and for one that is not the text's.
   */
  checkHash(request: Asked): void {
    const hash = hashIn(request);
    const { query = "" } = request;
    if (hash === null || typeof query !== "string") return;
    if (query === "") throw new GraphQLError("PersistedQueryNotFound");
    const isListed = this.settings.operations.get(hash) === query;
    if (!isListed && createHash("sha256").update(query).digest("hex") !== hash) {
      throw new GraphQLError("provided sha does not match query");
    }
  }

  /** @throws AppError FORBIDDEN for what is not on the list, where nothing else is taken. */
  refuseUnlisted({ role }: Access, text: unknown): void {
    const { only } = this.settings;
    if (only === "false" || (only === "except-admin" && role === Role.ADMIN)) return;
    if (typeof text === "string" && this.#texts.has(text)) return;
    throw new AppError(
      "FORBIDDEN",
      "Only listed operations are taken here. Have this one added to the list of persisted operations.",
      { persistedOnly: true },
    );
  }

  /** Tells of what can never be answered: the list may be older or younger than this version. */
  tellOfMisfits(schema: GraphQLSchema, log: Log): void {
    for (const [hash, text] of this.settings.operations) {
      const problem = problemOf(schema, text);
      if (problem !== null) log.warn({ hash, problem }, "A persisted operation does not fit the schema");
    }
  }
}

function hashIn({ extensions }: Asked): string | null {
  const { persistedQuery } = (extensions ?? {}) as {
    readonly persistedQuery?: { readonly sha256Hash?: unknown } | null;
  };
  return typeof persistedQuery?.sha256Hash === "string" ? persistedQuery.sha256Hash : null;
}

function problemOf(schema: GraphQLSchema, text: string): string | null {
  try {
    return validate(schema, parse(text))[0]?.message ?? null;
  } catch (error) {
    return (error as Error).message;
  }
}
