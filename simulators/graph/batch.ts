import { handlePart } from "./handle-request.js";
import { type Answer, json } from "./protocol/answer.js";
import { answerError } from "./protocol/answer-error.js";
import { badRequest, GraphError } from "./protocol/graph-error.js";
import type { GraphRequest } from "./protocol/graph-request.js";
import { plannedAnswer } from "./protocol/planned-answer.js";
import type { RateLimit } from "./rate-limit.js";

const MAX_PARTS = 20;

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly dependsOn?: string[];
}

/** At most twenty requests in one; each is logged, throttled and refused by itself, and answers come in any order. */
export function answerBatch(request: GraphRequest, rate: RateLimit): Answer {
  const parts = readParts(request.body);
  const answers = new Map<string, Answer>();
  for (const part of parts) answers.set(part.id, answerPart(request, part, answers, rate));
  const responses = [...answers].map(([id, { status, headers, body, bytes }]) => ({
    id,
    status,
    headers,
    ...(bytes ? { body: Buffer.from(bytes).toString("base64") } : body === undefined ? {} : { body }),
  }));
  if (request.world.switches.batchOrder === "shuffled") shuffle(responses, request);
  return json({ responses });
}

function readParts(body: unknown): Part[] {
  const parts = (body as { requests?: unknown } | undefined)?.requests;
  if (!Array.isArray(parts) || parts.length === 0) throw badRequest("Invalid batch payload format.");
  if (parts.length > MAX_PARTS)
    throw badRequest(`Number of batch request steps exceeds the maximum value of ${MAX_PARTS}.`);
  const ids = parts.map(({ id }) => id);
  if (ids.some((id) => typeof id !== "string" || id === "")) throw badRequest("Every request of a batch needs an id.");
  if (new Set(ids).size < ids.length) throw badRequest("Duplicate request id in the batch.");
  return parts as Part[];
}

function answerPart(request: GraphRequest, part: Part, before: ReadonlyMap<string, Answer>, rate: RateLimit): Answer {
  const { world, version } = request;
  const url = new URL(`http://part${part.url.startsWith("/") ? "" : "/"}${part.url}`);
  const path = decodeURIComponent(url.pathname);
  const headers = Object.fromEntries(
    Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const logged = world.requests.add({
    method: part.method,
    path: `/${version}${url.pathname}${url.search}`,
    headers,
    body: part.body,
    inBatch: true,
  });
  const answer = (): Answer => {
    const failure = world.disturbances.takeFailure(part.method, `/${version}${path}`);
    if (failure) return plannedAnswer(world, failure, path);
    if (part.dependsOn?.some((id) => (before.get(id)?.status ?? 424) >= 400)) {
      return answerError(
        new GraphError(424, "FailedDependency", "A request it depends on has failed."),
        path,
        part.id,
        world.switches,
      );
    }
    if (part.body !== undefined && headers["content-type"] === undefined) {
      return answerError(badRequest("Content-Type header is required with a body."), path, part.id, world.switches);
    }
    return handlePart(
      { ...request, method: part.method, path, query: url.searchParams, headers, body: part.body },
      rate,
    );
  };
  const given = answer();
  logged.answer = given.status;
  return given;
}

function shuffle(list: unknown[], { world }: GraphRequest): void {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = world.random.integer(at + 1);
    [list[at], list[other]] = [list[other], list[at]];
  }
}
