import { type DocumentNode, type GraphQLSchema, parse, specifiedRules, type ValidationRule, validate } from "graphql";
import type { DataSource } from "typeorm";
import type { Role } from "../../entities/role.js";
import { AppError } from "../../errors.js";
import type { Deadline } from "../deadline.js";
import type { Teams } from "../scopes.js";
import { PreparedOperation } from "./prepared-operation.js";
import type { ProcessFacts } from "./process-facts.js";
import { runStatement } from "./run-statement.js";
import { Unserved } from "./unserved.js";

interface FastAccess {
  readonly role: Role;
  readonly teams: Teams;
}

/** What is wanted, as it was sent. */
export interface FastRequest<Access extends FastAccess = FastAccess> {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly access: Access;
  readonly deadline: Deadline;
}

/** The whole answer, with a line's end; or why there is none, which is the ordinary execution's matter. */
export type FastAnswer = { readonly text: string } | { readonly text: null; readonly reason: string };

export interface FastPathOptions<Access extends FastAccess> {
  readonly schema: GraphQLSchema;
  readonly db: DataSource;
  readonly facts: ProcessFacts;
  /** What a document must keep to besides what GraphQL says. */
  readonly documentRules: readonly ValidationRule[];
  readonly documentTokens: number;
  /** Throws for an operation that must not be executed. */
  readonly check: (request: FastRequest<Access>, document: DocumentNode) => void;
  /** So many characters of statements are remembered; 64 million unless said otherwise. */
  readonly mostCharacters?: number;
  /** Where what nobody foresaw is written down. */
  readonly log: { warn(details: Record<string, unknown>, message: string): void };
}

/** So many documents are remembered, of so many characters each at most. */
const MOST_DOCUMENTS = 500;
const LONGEST_DOCUMENT = 20_000;
/**
 * Of statements that are remembered, and of documents, which weigh more. Beyond that all are forgotten: the sizes of pages, the
 * filters and the switches are for callers to choose, and each choice may make a statement of its own.
 */
const MOST_CHARACTERS = 64_000_000;
const DOCUMENT_WEIGHT = 20;

interface KnownDocument {
  readonly document: DocumentNode;
  readonly operations: Map<string | null, PreparedOperation>;
}

/**
 * Answers queries whose whole selection is one SQL statement, by its text. It never makes an error: what it cannot answer is
 * left to the ordinary execution, for which it stands in.
 */
export class FastPath<Access extends FastAccess = FastAccess> {
  /** By their text, the one that was used last at the end; null for what is no valid document. */
  readonly #documents = new Map<string, KnownDocument | null>();
  #characters = 0;

  constructor(private readonly options: FastPathOptions<Access>) {}

  async answer(request: FastRequest<Access>): Promise<FastAnswer> {
    try {
      const operation = this.operation(request);
      const { access, variables, deadline } = request;
      const { statement, values } = operation.fill({ ...access, variables, facts: this.options.facts });
      return { text: await runStatement(this.options.db, statement, values, deadline) };
    } catch (error) {
      return { text: null, reason: this.reasonOf(error) };
    }
  }

  private operation(request: FastRequest<Access>): PreparedOperation {
    const { query, operationName } = request;
    const known = this.document(query);
    if (!known) throw new Unserved("a document that is not valid, or very long");
    const { document, operations } = known;
    this.options.check(request, document);
    const before = operations.get(operationName);
    if (before) return before;
    const note = (characters: number) => this.note(characters);
    const operation = new PreparedOperation({ ...this.options, note }, document, operationName);
    operations.set(operationName, operation);
    return operation;
  }

  private document(text: string): KnownDocument | null {
    const known = this.#documents.get(text);
    if (known === undefined) {
      if (text.length > LONGEST_DOCUMENT) return null;
      const [oldest] = this.#documents.keys();
      if (oldest !== undefined && this.#documents.size >= MOST_DOCUMENTS) this.#documents.delete(oldest);
    } else this.#documents.delete(text);
    const document = known === undefined ? this.read(text) : known;
    this.#documents.set(text, document);
    return document;
  }

  private read(text: string): KnownDocument | null {
    const { schema, documentRules, documentTokens } = this.options;
    this.note(DOCUMENT_WEIGHT * text.length);
    try {
      // Where in the text something stands is told by the ordinary execution.
      const document = parse(text, { maxTokens: documentTokens, noLocation: true });
      const faults = validate(schema, document, [...specifiedRules, ...documentRules]);
      return faults.length > 0 ? null : { document, operations: new Map() };
    } catch {
      return null;
    }
  }

  private note(characters: number): void {
    this.#characters += characters;
    if (this.#characters <= (this.options.mostCharacters ?? MOST_CHARACTERS)) return;
    this.#documents.clear();
    this.#characters = characters;
  }

  private reasonOf(error: unknown): string {
    if (error instanceof Unserved) return error.message;
    if (error instanceof AppError) return `The answer holds an error: ${error.code}`;
    if (!isForeseen(error)) this.options.log.warn({ error }, "The fast path failed for a reason nobody foresaw");
    return "The statement failed, or its values do not fit";
  }
}

/** What GraphQL finds wrong with variables; and the way in which a statement says that the answer holds an error. */
function isForeseen(error: unknown): boolean {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  return name === "GraphQLError" || code === "22P02";
}
