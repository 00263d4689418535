import { type ApnsState, type CheckResult, type Finding, PluginError, type PluginTools } from "../contract.js";
import { isOk } from "./failure.js";
import type { Graph } from "./graph.js";
import { readVppTokens, tokenName } from "./licenses/vpp-tokens.js";
import { AREAS, type Area, missingPermissions } from "./permissions.js";
import type { IntuneSettings } from "./settings.js";
import type { SignIn } from "./sign-in.js";
import { pageShape, pushCertificateShape, type VppToken } from "./wire.js";

type Apns = CheckResult["apns"];

/**
 * What this tenant allows: each area is tried by a small read, what needs writing is read from the permissions in the access
 * token where that can be read, and the push certificate and the VPP tokens are looked at.
 * @throws PluginError when the sign-in is refused, or Graph is away.
 */
export async function check(
  { graph, signIn, settings }: { graph: Graph; signIn: SignIn; settings: IntuneSettings },
  { now }: Pick<PluginTools, "now">,
  signal: AbortSignal,
): Promise<CheckResult> {
  const granted = missingPermissions(await signIn.token(signal));
  const findings: Finding[] = [];
  for (const area of AREAS) {
    const finding = await tryArea(graph, settings.api, area, granted, signal);
    if (finding) findings.push(finding);
  }
  const apns = await readApns(graph, now(), signal);
  findings.push(...apnsFindings(apns));
  findings.push(...(await tokenFindings(graph, settings.api, signal)));
  if (settings.api === "v1.0") findings.push(WITHOUT_BETA);
  return { ok: findings.every(({ severity }) => severity !== "error"), apns, findings };
}

const WITHOUT_BETA_API: ReadonlySet<number> = new Set([400, 404]);
const NO_BETA =
  "Microsoft Graph does not know a call of its beta version, which this cloud may not have: set api to v1.0.";

async function tryArea(
  graph: Graph,
  api: string,
  area: Area,
  missing: ReturnType<typeof missingPermissions>,
  signal: AbortSignal,
): Promise<Finding | null> {
  const answer = area.probe === null ? null : await graph.call({ method: "GET", place: area.probe(api) }, signal);
  if (answer && api === "beta" && WITHOUT_BETA_API.has(answer.status)) throw new PluginError("config", NO_BETA);
  if (answer && !isOk(answer) && answer.status !== 403) throw graph.failure(answer, area.does);
  const refused = answer?.status === 403;
  const isGranted = missing === null ? null : !missing(area);
  if (!refused && isGranted !== false) return null;
  if (refused && isGranted === true) return refusedThough(area);
  return {
    severity: area.needed ? "error" : "warning",
    code: "PERMISSION_MISSING",
    message: `The app registration may not ${area.does}${area.without ? `: ${area.without}` : "."}`,
    remedy: `Grant the application permission ${area.permissions[0]} with admin consent.`,
  };
}

function refusedThough({ does, needed }: Area): Finding {
  return {
    severity: needed ? "error" : "warning",
    code: "REFUSED_BY_TENANT",
    message: `Microsoft Graph would not ${does}, although the permission is granted.`,
    remedy: "See that the tenant has an active Intune license; a permission granted a moment ago takes some minutes.",
  };
}

async function readApns(graph: Graph, now: Date, signal: AbortSignal): Promise<Apns> {
  const place = "/v1.0/deviceManagement/applePushNotificationCertificate";
  const answer = await graph.call({ method: "GET", place }, signal);
  if (answer.status === 404) return { state: "missing", expiresAt: null };
  if (answer.status === 403) return { state: "not-reported", expiresAt: null };
  if (!isOk(answer)) throw graph.failure(answer, "read the APNs certificate");
  const { topicIdentifier, expirationDateTime: expiresAt } = pushCertificateShape.parse(unwrapped(answer.body));
  const state: ApnsState =
    expiresAt === null
      ? topicIdentifier === null
        ? "missing"
        : "not-reported"
      : expiresAt > now
        ? "valid"
        : "expired";
  return { state, expiresAt };
}

/** Shown at the top, or inside `value` as an entity or a list of one. */
function unwrapped(body: unknown): unknown {
  const value = (body as { value?: unknown } | null | undefined)?.value;
  if (value === undefined) return body;
  const list = pageShape.shape.value.safeParse(value);
  return list.success ? (list.data[0] ?? {}) : value;
}

function apnsFindings({ state, expiresAt }: Apns): Finding[] {
  const remedy = "Renew it in Intune under Devices, Enrollment, Apple, with the Apple Account that made it.";
  if (state === "missing") {
    return [
      {
        severity: "error",
        code: "APNS_MISSING",
        message: "The tenant has no APNs certificate: no Apple device can be managed.",
        remedy: "Make one in Intune under Devices, Enrollment, Apple.",
      },
    ];
  }
  if (state !== "expired") return [];
  return [
    {
      severity: "error",
      code: "APNS_EXPIRED",
      message: `The APNs certificate has expired on ${expiresAt?.toISOString()}: no device hears anything.`,
      remedy,
    },
  ];
}

/** One bad token is a warning while another works. */
async function tokenFindings(graph: Graph, api: string, signal: AbortSignal): Promise<Finding[]> {
  const tokens = await readVppTokens(graph, api, signal).catch((error: unknown) => {
    // That they may not be read has been told by then.
    if (error instanceof PluginError && error.kind === "config") return null;
    throw error;
  });
  return tokens === null ? [] : findingsOf(tokens);
}

function findingsOf(tokens: readonly VppToken[]): Finding[] {
  if (tokens.length === 0) {
    return [
      {
        severity: "error",
        code: "NO_VPP_TOKEN",
        message: "The tenant has no VPP token: there is nothing to deploy.",
        remedy: "Upload a content token in Intune under Tenant administration, Connectors and tokens.",
      },
    ];
  }
  const works = tokens.some(({ state }) => TOKEN_STATES[state ?? ""]?.works ?? true);
  return tokens.flatMap((token) => {
    const told = TOKEN_STATES[token.state ?? ""];
    if (!told) return [];
    const severity = told.works || works ? "warning" : "error";
    return {
      severity,
      code: told.code,
      message: `The VPP token "${tokenName(token)}" ${told.says}`,
      remedy: told.remedy,
    };
  });
}

const TOKEN_STATES: Readonly<Record<string, { code: string; says: string; remedy: string; works: boolean }>> = {
  expired: {
    code: "VPP_TOKEN_EXPIRED",
    says: "has expired.",
    remedy: "Download a new one from Apple and renew the token in Intune.",
    works: false,
  },
  invalid: {
    code: "VPP_TOKEN_INVALID",
    says: "is not accepted by Apple, as after a change of the account's password.",
    remedy: "Download a new one from Apple and renew the token in Intune.",
    works: false,
  },
  assignedToExternalMDM: {
    code: "VPP_TOKEN_CLAIMED_ELSEWHERE",
    says: "belongs to a location that another MDM has claimed: that may be Allotment with a token of its own.",
    remedy: "Leave the location to one of the two; in Intune, a token can be taken back from another MDM.",
    works: false,
  },
  duplicateLocationId: {
    code: "VPP_TOKEN_DUPLICATE",
    says: "is of a location that another token in Intune has, too: purchases may not be shown.",
    remedy: "Delete one of the two tokens in Intune.",
    works: true,
  },
};

const WITHOUT_BETA: Finding = {
  severity: "info",
  code: "WITHOUT_BETA",
  message:
    "With v1.0 of Microsoft Graph nobody's licenses are shown, macOS apps are not, and licences come back by removals alone.",
  remedy: "Set api to beta.",
};
