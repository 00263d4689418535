import type { z } from "zod";
import { PluginError, type PluginTools } from "../contract.js";
import { type Answer, failureOf, isOk, readRetryAfter } from "./failure.js";
import { requestJson } from "./request-json.js";
import type { IntuneSettings } from "./settings.js";
import { randomId, type SignIn } from "./sign-in.js";
import { batchShape, pageShape } from "./wire.js";

/** How many requests one batch holds, and how many batches are under way at a time. */
const BATCH_SIZE = 20;
const BATCHES_AT_ONCE = 4;

/** A path with its version, such as `/v1.0/users`, or a link that Graph gave. */
export type Place = string;

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** In a batch of v1.0 or beta; the version is taken from its beginning. */
  readonly place: Place;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Page<T> {
  readonly records: T[];
  readonly next: string | null;
}

/** Microsoft Graph, as far as requests go: nothing here knows what they are about. */
export interface Graph {
  /** One request; a refusal is an answer. @throws PluginError when there is none. */
  call(call: Call, signal: AbortSignal): Promise<Answer>;
  /** One request that must succeed. @param what it does, for the error, as in "read the groups". */
  need<T extends z.ZodType>(what: string, shape: T, call: Call, signal: AbortSignal): Promise<z.output<T>>;
  page<T extends z.ZodType>(what: string, shape: T, place: Place, signal: AbortSignal): Promise<Page<z.output<T>>>;
  /** All pages. */
  list<T extends z.ZodType>(what: string, shape: T, place: Place, signal: AbortSignal): Promise<z.output<T>[]>;
  /** Many requests of one version, twenty at a time; each is answered by itself, in the order asked. */
  batch(calls: readonly Call[], signal: AbortSignal): Promise<Answer[]>;
  /** The error of an answer that is a refusal. */
  failure(answer: Answer, what: string): PluginError;
}

export function createGraph(settings: IntuneSettings, signIn: SignIn, tools: PluginTools): Graph {
  const failure = (answer: Answer, what: string) => failureOf(answer, what, signIn.hide);

  const send = async (call: Call, token: string, signal: AbortSignal): Promise<Answer> => {
    const url = urlOf(settings.graphUrl, call.place);
    const hasBody = call.body !== undefined;
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      "accept-language": "en-US",
      "client-request-id": randomId(tools),
      ...(hasBody ? { "content-type": "application/json" } : {}),
      ...call.headers,
    };
    const init = { method: call.method, headers, signal, ...(hasBody ? { body: JSON.stringify(call.body) } : {}) };
    const { status, headers: told, json } = await requestJson(tools, "Microsoft Graph", url, init);
    return { status, body: json, retryAfterMs: readRetryAfter(told.get("retry-after"), tools.now()) };
  };

  /** A token may be revoked before its time; what was refused for it has had no effect, so it is asked once more with a new one. */
  const call = async (wanted: Call, signal: AbortSignal): Promise<Answer> => {
    const token = await signIn.token(signal);
    const answer = await send(wanted, token, signal);
    if (answer.status !== 401) return answer;
    signIn.forget(token);
    return send(wanted, await signIn.token(signal), signal);
  };

  const need: Graph["need"] = async (what, shape, wanted, signal) => {
    const answer = await call(wanted, signal);
    if (!isOk(answer)) throw failure(answer, what);
    return understood(what, shape, answer.body);
  };

  const page: Graph["page"] = async (what, shape, place, signal) => {
    const answer = await need(what, pageShape, { method: "GET", place }, signal);
    const records = answer.value.map((value) => understood(what, shape, value));
    return { records, next: answer["@odata.nextLink"] ?? null };
  };

  const list: Graph["list"] = async (what, shape, place, signal) => {
    const records = [];
    const seen = new Set<string>();
    for (let next: string | null = place; next !== null; ) {
      if (seen.has(next)) throw new PluginError("internal", `Microsoft Graph's pages go round in circles: ${what}.`);
      seen.add(next);
      const found: Page<z.output<typeof shape>> = await page(what, shape, next, signal);
      records.push(...found.records);
      next = found.next;
    }
    return records;
  };

  const batchOnce = async (calls: readonly Call[], signal: AbortSignal): Promise<Answer[]> => {
    const version = /^\/[^/]+/.exec(calls[0]?.place ?? "")?.[0] ?? "/v1.0";
    const requests = calls.map(({ method, place, body, headers }, index) => ({
      id: String(index + 1),
      method,
      url: place.slice(version.length),
      ...(body === undefined ? {} : { body }),
      ...(body === undefined && !headers ? {} : { headers: { "Content-Type": "application/json", ...headers } }),
    }));
    const batch: Call = { method: "POST", place: `${version}/$batch`, body: { requests } };
    const { responses } = await need("answer a batch", batchShape, batch, signal);
    const byId = new Map(responses.map((response) => [response.id, response]));
    return requests.map(({ id }) => partOf(byId.get(id), tools.now()));
  };

  const batch: Graph["batch"] = async (calls, signal) => {
    const chunks = Array.from({ length: Math.ceil(calls.length / BATCH_SIZE) }, (_, index) =>
      calls.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
    );
    const answers: Answer[] = [];
    for (let start = 0; start < chunks.length; start += BATCHES_AT_ONCE) {
      const some = chunks.slice(start, start + BATCHES_AT_ONCE);
      answers.push(...(await Promise.all(some.map((chunk) => batchOnce(chunk, signal)))).flat());
    }
    return answers;
  };

  return { call, need, page, list, batch, failure };
}

/** Links are followed as they are, and to nowhere else: the token goes along. */
function urlOf(graphUrl: string, place: Place): string {
  if (place.startsWith("/")) return graphUrl + place;
  const link = URL.canParse(place) ? new URL(place) : null;
  if (link !== null && link.origin === new URL(graphUrl).origin) return place;
  throw new PluginError(
    "internal",
    `Microsoft Graph gave a link that leads elsewhere, to ${link?.host ?? "no address"}: it is not followed.`,
  );
}

function understood<T extends z.ZodType>(what: string, shape: T, body: unknown): z.output<T> {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new PluginError(
    "internal",
    `Microsoft Graph answered something else than expected when asked to ${what} (${issue?.path.map(String).join(".") || "the answer"}: ${issue?.message}).`,
  );
}

type Part = z.output<typeof batchShape>["responses"][number];

/** A part that is missing was not answered, and is worth another try. */
function partOf(part: Part | undefined, now: Date): Answer {
  if (!part) return { status: 504, body: undefined, retryAfterMs: undefined };
  const header = Object.entries(part.headers ?? {}).find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  return { status: part.status, body: part.body, retryAfterMs: readRetryAfter(header, now) };
}
