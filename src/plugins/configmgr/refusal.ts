import type { z } from "zod";
import { PluginError } from "../contract.js";
import * as wire from "./wire.js";

const MAX_WORDS = 300;
const CODE = /^[\w.-]{1,60}$/;
/** What looks like a credential: a long run of the characters of base64. */
const LONG_RUN = /[A-Za-z0-9+/_=-]{40,}/g;

/**
 * What an answer other than 2xx means.
 * @param what the request, as an admin may read it.
 * @param secrets texts that the product might echo, and that the error must not show.
 */
export function refusalOf(response: Response, text: string, what: string, secrets: readonly string[]): PluginError {
  const { status } = response;
  const { code, words } = errorOf(text, secrets);
  const options = { vendorCode: code ?? String(status) };
  const told = words === "" ? "" : ` (${words})`;
  if (status === 401) {
    return new PluginError(
      "config",
      "The AdminService does not let this account in: check the sign-in in the settings.",
      options,
    );
  }
  if (status === 403) {
    return new PluginError(
      "config",
      `The account may not do this at the site: ${what}. Give it a security role and scope that allow it.${told}`,
      options,
    );
  }
  if (status === 408 || status === 429 || status >= 500) {
    return new PluginError("transient", `The AdminService answered ${status} to ${what}${told}.`, {
      ...options,
      ...patience(response),
    });
  }
  return new PluginError("rejected", `The AdminService answered ${status} to ${what}${told}.`, options);
}

/** An answer that is JSON, and not of the shape that is documented. */
export function unreadable(name: string, error: z.ZodError): PluginError {
  const [issue] = error.issues;
  return new PluginError(
    "internal",
    `The AdminService tells of ${name} in a way that is not understood: ${issue?.path.join(".")} ${issue?.message}.`,
  );
}

function errorOf(text: string, secrets: readonly string[]): { code: string | null; words: string } {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // A page of a proxy or of the web server: its words help nobody.
  }
  const read = wire.errorBody.safeParse(body);
  if (!read.success) return { code: null, words: "" };
  const { code, message } = read.data.error;
  const words = typeof message === "string" ? message : "";
  const shown = [...secrets].reduce((sofar, secret) => sofar.replaceAll(secret, "(hidden)"), words);
  return {
    code: code && CODE.test(code) ? code : null,
    words: shown
      .replaceAll(LONG_RUN, "(hidden)")
      .replace(/[.\s]+$/, "")
      .slice(0, MAX_WORDS),
  };
}

/** Retry-After, as seconds or as a date. */
function patience(response: Response): { retryAfterMs?: number } {
  const told = response.headers.get("retry-after");
  if (told === null) return {};
  const ms = /^\d+$/.test(told)
    ? Number(told) * 1000
    : Date.parse(told) - Date.parse(response.headers.get("date") ?? "");
  return Number.isFinite(ms) && ms >= 0 ? { retryAfterMs: ms } : {};
}
