import { type CheckResult, type Finding, PluginError, type PluginTools } from "../contract.js";
import { type CallServer, createCaller } from "./call-server.js";
import type { MdmServer, Queued } from "./mdm-server.js";
import type { NanoSettings } from "./settings.js";
import { storageRefusal } from "./storage-refusal.js";
import { vendorText } from "./vendor-text.js";
import { versionFinding } from "./version-finding.js";
import { type ApiResult, apiResult, pushCertificate } from "./wire.js";

/** So many ids fit into one address: 100 of 40 characters, while proxies take 8 KB. */
const PUSH_BATCH = 100;

/** NanoMDM's own words, in front of those of its parser. */
const UNREADABLE = /decod/i;
const NO_CERTIFICATE = /no rows|not found|no such|not exist/i;

/** NanoMDM: commands are queued one by one without a push, then all their devices are woken together. */
export function nanoServer(settings: NanoSettings, tools: PluginTools): MdmServer {
  const call = createCaller({ product: "NanoMDM", user: "nanomdm", ...settings }, tools);
  const shown = (text: string) => vendorText(text, [settings.apiKey, settings.webhookSecret]);
  return {
    async enqueue(device, { body }, signal) {
      const path = `/v1/enqueue/${encodeURIComponent(device)}?nopush=1`;
      const { json } = await call({ method: "PUT", path, contentType: "application/xml", body }, signal);
      const refusal = refusalOf(readResult(json), device);
      return refusal === null ? { kind: "queued" } : judge(refusal, shown);
    },
    channel: (userId) => userId,
    async push(devices, signal) {
      for (let start = 0; start < devices.length; start += PUSH_BATCH) {
        const ids = devices.slice(start, start + PUSH_BATCH).map(encodeURIComponent);
        const { json } = await call({ method: "GET", path: `/v1/push/${ids.join(",")}` }, signal);
        const result = readResult(json);
        const failed = Object.values(result.status ?? {}).filter(({ push_error }) => push_error !== undefined);
        if (result.push_error === undefined && failed.length === 0) continue;
        const error = shown(result.push_error ?? failed[0]?.push_error ?? "");
        tools.log("devices could not be woken; their commands stay queued", { devices: failed.length, error });
      }
    },
    check: (signal) => check(call, settings, tools.now(), shown, signal),
  };
}

function readResult(json: unknown): ApiResult {
  const parsed = apiResult.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new PluginError("internal", "NanoMDM gave an answer that is not of its API: check the address.");
}

/** Why the command was not queued for this device; a failed push is no reason, since the command stays queued. */
function refusalOf(result: ApiResult, device: string): string | null {
  return result.status?.[device]?.command_error ?? result.command_error ?? null;
}

function judge(refusal: string, shown: (text: string) => string): Queued {
  const reason = storageRefusal(refusal);
  if (reason === "taken") return { kind: "known" };
  const detail = `NanoMDM says: ${shown(refusal)}`;
  if (reason === "unknown-id") {
    const remedy = "Enrol the device at NanoMDM, then retry.";
    return { kind: "failed", failure: { code: "DEVICE_UNKNOWN", detail, remedy } };
  }
  if (UNREADABLE.test(refusal)) return { kind: "failed", failure: { code: "REJECTED_BY_TARGET", detail } };
  return { kind: "later", reason: detail };
}

async function check(
  call: CallServer,
  { pushTopic }: NanoSettings,
  now: Date,
  shown: (text: string) => string,
  signal: AbortSignal,
): Promise<CheckResult> {
  const version = await versionFinding("NanoMDM", call, signal);
  const { status, json } = await askForCertificate(call, pushTopic ?? "", signal);
  const { not_after, error } = pushCertificate.safeParse(json).data ?? {};
  const expiresAt = status === 200 && not_after ? new Date(not_after) : null;
  if (expiresAt && !Number.isNaN(expiresAt.getTime())) {
    const isValid = expiresAt > now;
    return { ok: isValid, apns: { state: isValid ? "valid" : "expired", expiresAt }, findings: [version] };
  }
  if (pushTopic !== undefined && error !== undefined && NO_CERTIFICATE.test(error)) {
    const apns = { state: "missing", expiresAt: null } as const;
    return { ok: false, apns, findings: [version, wrongTopic(shown(error))] };
  }
  const findings = [version, pushTopic === undefined ? UNASKED : notTold(error === undefined ? null : shown(error))];
  return { ok: true, apns: { state: "not-reported", expiresAt: null }, findings };
}

/** A release without this call stores certificates at the same path; nothing is sent, so there nothing is stored. */
async function askForCertificate(call: CallServer, topic: string, signal: AbortSignal) {
  try {
    return await call({ method: "GET", path: `/v1/pushcert?topic=${encodeURIComponent(topic)}` }, signal);
  } catch (error) {
    // 400: the call is there, the key is right, and the topic is missing or unknown.
    if (error instanceof PluginError && error.kind === "rejected") return { status: 400, json: undefined };
    throw error;
  }
}

const UNASKED: Finding = {
  severity: "info",
  code: "PUSH_TOPIC_NOT_SET",
  message: "NanoMDM is not asked when its push certificate expires, since its topic is not in the settings.",
  remedy: "Put the certificate's topic (com.apple.mgmt.…) into `pushTopic`.",
};

function wrongTopic(error: string): Finding {
  return {
    severity: "error",
    code: "PUSH_CERTIFICATE_MISSING",
    message: `NanoMDM has no push certificate of this topic: ${error}`,
    remedy: "Upload the certificate to NanoMDM, or correct `pushTopic` in the settings.",
  };
}

function notTold(error: string | null): Finding {
  return {
    severity: "warning",
    code: "PUSH_CERTIFICATE_UNKNOWN",
    message: `NanoMDM does not tell when its push certificate expires${error === null ? "" : `: ${error}`}.`,
    remedy: "Use a release with GET /v1/pushcert, or watch the expiry yourself.",
  };
}
