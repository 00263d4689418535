import type { Logger } from "pino";
import type { Clock } from "../core.js";
import { AppleError } from "./apple-error.js";
import { parseAnswer, readAs } from "./parse-answer.js";
import type { Transport } from "./request.js";
import { retryReads, whileWanted } from "./retry.js";
import { type ServiceConfig, serviceConfigAnswer } from "./wire.js";

/** Apple asks to read it again every five minutes. */
const FRESH_MS = 5 * 60_000;
const RETRY_MS = 30_000;

/** Apple's limits and addresses, one reading for all who ask at the same time. */
export interface ServiceConfigSource {
  /** @throws AppleError when there are none yet and Apple is away, or the signal ends this caller's wait. */
  current(signal?: AbortSignal): Promise<ServiceConfig>;
  /** The next caller has them read anew: Apple says that something has moved. */
  expire(): void;
  close(): void;
}

export interface ServiceConfigTools {
  /** The v2 root, with a slash at its end. */
  readonly baseUrl: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Reads them anew when they are older than five minutes (scaled). While Apple is away the last ones go on serving. */
export function createServiceConfigSource(tools: ServiceConfigTools): ServiceConfigSource {
  const { clock, log } = tools;
  const closing = new AbortController();
  let known: { config: ServiceConfig; until: Date } | undefined;
  let reading: Promise<ServiceConfig> | undefined;

  const refresh = async (): Promise<ServiceConfig> => {
    const read = () => readServiceConfig(tools, closing.signal);
    try {
      // Whoever can go on with the last ones does not wait for five attempts.
      const config = await (known ? read() : retryReads(clock, closing.signal, read));
      known = { config, until: clock.in(FRESH_MS) };
      return config;
    } catch (error) {
      if (!known || !(error instanceof AppleError)) throw error;
      log.warn({ error: error.message }, "Apple's service configuration could not be read again; the last one is used");
      known = { config: known.config, until: clock.in(RETRY_MS) };
      return known.config;
    } finally {
      reading = undefined;
    }
  };

  return {
    current(signal) {
      if (known && clock.now() < known.until) return Promise.resolve(known.config);
      reading ??= refresh();
      return whileWanted(reading, signal);
    },
    expire() {
      if (known) known = { config: known.config, until: clock.now() };
    },
    close: () => closing.abort(),
  };
}

async function readServiceConfig(
  { transport, baseUrl, clock }: ServiceConfigTools,
  signal: AbortSignal,
): Promise<ServiceConfig> {
  const request = { method: "GET", name: "service/config" } as const;
  const answer = await transport.exchange({
    method: "GET",
    url: new URL("service/config", baseUrl).href,
    headers: { accept: "application/json" },
    signal,
  });
  return readAs(serviceConfigAnswer, parseAnswer(answer, request, clock.now()), request);
}
