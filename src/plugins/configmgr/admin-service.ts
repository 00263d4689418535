import type { z } from "zod";
import { PluginError } from "../contract.js";
import { queryOf } from "./odata.js";
import { refusalOf, unreadable } from "./refusal.js";
import type { SignIn } from "./sign-in/sign-in.js";
import * as wire from "./wire.js";

/** What a query asks for; `filter` and `select` as OData writes them. */
export interface Query {
  readonly filter?: string;
  readonly select?: readonly string[];
}

export interface ListPart<Row> {
  readonly rows: readonly Row[];
  /** The query of the next part, as the server gave it; null on the last one. */
  readonly next: string | null;
}

/**
 * The wmi route of one AdminService. Every call throws PluginError: `config` where the account is not let in or may not do
 * it, `transient`, `rejected` for the site's no, `internal` for an answer that is not understood.
 */
export interface AdminService {
  /** One answer to a list query; null where the site refuses the query's form (400). */
  part<Shape extends z.ZodType>(
    name: string,
    shape: Shape,
    query: string,
    signal: AbortSignal,
  ): Promise<ListPart<z.output<Shape>> | null>;
  /** All rows, following the server's own links. */
  list<Shape extends z.ZodType>(
    name: string,
    shape: Shape,
    query: Query,
    signal: AbortSignal,
  ): Promise<z.output<Shape>[]>;
  /** An entity by its key, written as OData does; null when there is none. */
  get<Shape extends z.ZodType>(
    name: string,
    key: string,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.output<Shape> | null>;
  create<Shape extends z.ZodType>(
    name: string,
    shape: Shape,
    body: object,
    signal: AbortSignal,
  ): Promise<z.output<Shape>>;
  /** Deleting what is not there is done. */
  delete(name: string, key: string, signal: AbortSignal): Promise<void>;
  call(name: string, key: string, method: string, body: object, signal: AbortSignal): Promise<void>;
  /** A method of the class itself that only reads. */
  ask<Shape extends z.ZodType>(
    name: string,
    method: string,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.output<Shape>>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The longest listing that is followed, in parts: more of them go round in circles. */
const MAX_PARTS = 10_000;

export function createAdminService(url: string, signIn: SignIn): AdminService {
  const root = `${url.replace(/\/+$/, "").replace(/\/AdminService(\/wmi)?$/i, "")}/AdminService/wmi`;

  const send = async (
    method: string,
    path: string,
    signal: AbortSignal,
    { body, accept = [] }: { body?: object; accept?: readonly number[] } = {},
  ): Promise<Answer> => {
    const headers = { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) };
    const request = { url: `${root}/${path}`, method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await signIn.send(request, signal);
    const text = await response.text();
    if (response.ok) return { status: response.status, body: text === "" ? null : parse(text, path) };
    if (accept.includes(response.status)) return { status: response.status, body: null };
    throw refusalOf(response, text, `${method} ${path.replace(/\?.*$/s, "")}`, signIn.secrets());
  };

  const part: AdminService["part"] = async (name, shape, query, signal) => {
    const { status, body } = await send("GET", `${name}${query}`, signal, { accept: [400] });
    if (status === 400) return null;
    const { value, "@odata.nextLink": link } = understand(wire.list, body, name);
    return { rows: value.map((row) => understand(shape, row, name)), next: link ? searchOf(link) : null };
  };

  return {
    part,
    async list(name, shape, { filter, select }, signal) {
      const rows: z.output<typeof shape>[] = [];
      let query: string | null = queryOf({ $filter: filter, $select: select?.join(",") });
      for (let parts = 0; query !== null; parts += 1) {
        const found: ListPart<z.output<typeof shape>> | null = await part(name, shape, query, signal);
        if (found === null)
          throw new PluginError("rejected", `The site does not understand a query of ${name}.`, { vendorCode: "400" });
        if (parts > MAX_PARTS) throw new PluginError("internal", `The listing of ${name} goes round in circles.`);
        rows.push(...found.rows);
        query = found.next;
      }
      return rows;
    },
    async get(name, key, shape, signal) {
      const { status, body } = await send("GET", `${name}(${encodeURIComponent(key)})`, signal, { accept: [404] });
      if (status === 404) return null;
      const wrapped = wire.list.safeParse(body);
      const entity = wrapped.success ? wrapped.data.value[0] : body;
      return entity === undefined ? null : understand(shape, entity, name);
    },
    async create(name, shape, body, signal) {
      const { body: made } = await send("POST", name, signal, { body });
      const wrapped = wire.list.safeParse(made);
      return understand(shape, wrapped.success ? wrapped.data.value[0] : made, name);
    },
    async delete(name, key, signal) {
      await send("DELETE", `${name}(${encodeURIComponent(key)})`, signal, { accept: [404] });
    },
    async call(name, key, method, body, signal) {
      await send("POST", `${name}(${encodeURIComponent(key)})/AdminService.${method}`, signal, { body });
    },
    async ask(name, method, shape, signal) {
      return understand(shape, (await send("GET", `${name}.${method}`, signal)).body, `${name}.${method}`);
    },
  };
}

/** The server's link may name a host that only it knows: what is asked for is kept, whom to ask is not. */
function searchOf(link: string): string {
  const [, query = ""] = /\?([^#]*)/.exec(link) ?? [];
  return `?${query}`;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PluginError(
      "transient",
      `The answer of the AdminService to ${path.replace(/\?.*$/s, "")} is cut off or is no JSON.`,
    );
  }
}

function understand<Shape extends z.ZodType>(shape: Shape, body: unknown, name: string): z.output<Shape> {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  throw unreadable(name, read.error);
}
