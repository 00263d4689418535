import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-codes.js";
import type { ApiOptions } from "./api-options.js";
import { findApiKey } from "./find-api-key.js";

/** A page of 500 apps takes a fraction of this, also while the service is busy. */
const TIMEOUT_MS = 60_000;
/** The service counts by the minute; clocks may differ by a few seconds. */
const LONGEST_WAIT_MS = 65_000;

/** The public API of a running service, and nothing else of it. */
export interface Api {
  /**
   * Waits while this key has asked too often. @throws ApiError with the service's own words when it refuses; CommandError when
   * it is not reached.
   */
  ask<Data>(operation: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>;
}

/** What the API tells of a refusal besides its code; see README.md, "Errors". */
interface RefusalDetails {
  readonly kind?: string;
  readonly limit?: number;
  readonly retryAt?: string;
}

/** The service's refusal. */
export class ApiError extends CommandError {
  constructor(
    readonly code: string,
    message: string,
    readonly details: RefusalDetails = {},
  ) {
    super(`${message} (${code})`, code === "UNAUTHENTICATED" ? EXIT.UNREACHABLE : EXIT.FAILED);
  }
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly details?: RefusalDetails };
  }[];
}

/** Finds the key and the address. Nothing is sent yet. @throws CommandError when either cannot be used. */
export async function connectApi(options: ApiOptions, env: NodeJS.ProcessEnv): Promise<Api> {
  const endpoint = endpointOf(options.url);
  const key = await findApiKey(options, env);
  return {
    async ask<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}) {
      for (;;) {
        const answer = await post(endpoint, key, { query, variables });
        const [error] = answer.errors ?? [];
        if (!error) return answer.data as Data;
        const { code = "INTERNAL", details } = error.extensions ?? {};
        const refusal = new ApiError(code, error.message, details);
        if (!isForMoments(refusal)) throw refusal;
        await sleep(Math.max(0, Date.parse(refusal.details.retryAt ?? "") - Date.now()));
      }
    },
  };
}

/** One key may ask so often within a minute: then a command of many requests waits, rather than be lost half way. */
function isForMoments({ details: { kind, retryAt = "" } }: ApiError): boolean {
  const waitMs = Date.parse(retryAt) - Date.now();
  return kind === "requestsPerMinute" && waitMs <= LONGEST_WAIT_MS;
}

function endpointOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw new CommandError(
      `"${given}" is no address of a service: give --url such as https://allotment.example.com.`,
      EXIT.USAGE,
    );
  }
  return `${url.href.replace(/\/+$/, "").replace(/\/graphql$/, "")}/graphql`;
}

async function post(endpoint: string, key: string, body: object): Promise<Answer> {
  const response = await send(endpoint, key, body);
  const answer = await response.json().catch(() => null);
  if (isAnswer(answer)) return answer;
  throw new CommandError(
    `What answers at ${endpoint} is not Allotment (HTTP status ${response.status}): check --url, and what stands between.`,
    EXIT.UNREACHABLE,
  );
}

async function send(endpoint: string, key: string, body: object): Promise<Response> {
  try {
    return await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new CommandError(
      `Allotment is not reached at ${endpoint} (${faultOf(error)}): is it running, and is --url right?`,
      EXIT.UNREACHABLE,
    );
  }
}

function isAnswer(answer: unknown): answer is Answer {
  return typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer);
}

/** fetch itself only says that it failed. */
function faultOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown; message?: unknown }; name?: string };
  return String(cause?.code ?? cause?.message ?? name);
}
