import { request } from "undici";
import type { Config } from "../../config.js";
import { createDispatcher, DEFAULT_TIMEOUTS } from "../../sync/apple/dispatcher.js";
import { parseAnswer, readAs } from "../../sync/apple/parse-answer.js";
import { transportError } from "../../sync/apple/transport-error.js";
import { serviceConfigAnswer } from "../../sync/apple/wire.js";
import { describeApart } from "./check-database.js";
import { type Finding, failure, ok, skipped, warning } from "./finding.js";

/** The header counts whole seconds, and both ways take time. */
const CLOCK_APART_MS = 30_000;
/** So far off, certificates and tokens seem expired, or not yet valid. */
const CLOCK_WRONG_MS = 300_000;

/** What Apple asks of nobody but a client that can reach it: no token is sent. */
const REQUEST = { method: "GET", name: "service/config" } as const;

/** Whether Apple is reached as the service would reach it, and what its clock says of ours. */
export async function checkApple(config: Pick<Config, "appleBaseUrl" | "proxy">): Promise<Finding[]> {
  const url = `${config.appleBaseUrl}/service/config`;
  const dispatcher = createDispatcher(DEFAULT_TIMEOUTS, config.proxy);
  try {
    const askedAt = Date.now();
    const answer = await request(url, { dispatcher, headers: { accept: "application/json" } });
    const answeredAt = Date.now();
    const text = await answer.body.text();
    const date = answer.headers.date;
    return [
      checkAnswer({ status: answer.statusCode, retryAfter: null, text }, url, answeredAt - askedAt),
      checkClock(typeof date === "string" ? date : null, (askedAt + answeredAt) / 2),
    ];
  } catch (error) {
    const { message } = transportError(error, "GET", undefined);
    return [failure("Apple", `${message} It was looked for at ${url}.`, unreachable(config.proxy))];
  } finally {
    await dispatcher.destroy();
  }
}

function checkAnswer(answer: Parameters<typeof parseAnswer>[0], url: string, tookMs: number): Finding {
  try {
    const { limits } = readAs(serviceConfigAnswer, parseAnswer(answer, REQUEST, new Date()), REQUEST);
    const pace = limits.maxRequestPerSecond ? `, and takes ${limits.maxRequestPerSecond} requests a second` : "";
    return ok("Apple", `It answers at ${url} in ${tookMs} ms${pace}.`);
  } catch (error) {
    return failure(
      "Apple",
      `${(error as Error).message} It was asked at ${url}.`,
      "Check APPLE_BASE_URL, and whether a proxy answers in Apple's place; if neither, try again later.",
    );
  }
}

function checkClock(date: string | null, ourMs: number): Finding {
  const theirMs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirMs))
    return skipped("clock", "Apple's answer has no date to compare this machine's clock with.");
  // Within the second that the header names, half of it on average.
  return judgeClock(theirMs + 500 - ourMs);
}

/** @param apartMs how far Apple's clock is ahead of ours */
export function judgeClock(apartMs: number): Finding {
  const found = `Apple's clock is ${describeApart(apartMs)}.`;
  const remedy = "Set this machine's clock by NTP.";
  if (Math.abs(apartMs) <= CLOCK_APART_MS) return ok("clock", found);
  return Math.abs(apartMs) < CLOCK_WRONG_MS ? warning("clock", found, remedy) : failure("clock", found, remedy);
}

function unreachable({ https, http }: Config["proxy"]): string {
  const proxied = https !== null || http !== null;
  const way = proxied ? "the proxy of HTTPS_PROXY, and NO_PROXY" : "DNS, the firewall, and HTTPS_PROXY if there is one";
  return `Check ${way}; behind a certificate authority of your own set NODE_EXTRA_CA_CERTS.`;
}
