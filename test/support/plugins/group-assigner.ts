import { z } from "zod";
import {
  type CollectionRecord,
  definePlugin,
  type ListPage,
  PluginError,
  type PluginTools,
  type Step,
  type StepOutcome,
  type StepStatus,
  secret,
  type TargetConnection,
} from "../../../src/plugins/contract.js";
import { askProduct, readAnswer } from "./ask-product.js";

interface Assignment {
  group: string;
  intent: "required" | "uninstall";
  license: "user" | "device";
}
interface ReportRow {
  device: string;
  state: "installed" | "notInstalled" | "noLicense" | "failed";
  at: string;
}
/** One app for one group. */
interface Place {
  adamId: string;
  intent: Assignment["intent"];
  group: string;
}
/** What is assigned where since when: the product knows states of apps and no Steps. */
interface Handle extends Place {
  since: string;
}
interface ProductApp {
  adamId: string;
  name: string;
  bundleId: string;
  total: number;
  used: number;
}

/** The one extreme: it assigns whole groups, replaces all assignments of an app at each write, and owns its token. */
export const groupAssigner = definePlugin({
  name: "group-assigner",
  contract: 1,
  displayName: "Group assigner",
  settings: z.object({ url: z.url(), apiKey: secret() }),
  licenseAuthority: "target",
  abilities: {
    lists: ["user", "device", "collection"],
    applications: false,
    polls: true,
    webhooks: [],
    releases: true,
    network: true,
  },
  connect: (settings, tools) => connect(settings.url, settings.apiKey, tools),
});

function connect(url: string, apiKey: string, { fetch, now }: PluginTools): TargetConnection {
  const call = async <T>(path: string, signal: AbortSignal, method = "GET", body?: unknown): Promise<T> =>
    readAnswer<T>(await askProduct(fetch, `${url}/${path}`, apiKey, { signal, method, body }), path);
  const page = async <T>(path: string, cursor: string | null, signal: AbortSignal): Promise<ListPage<T>> => {
    const { rows, next } = await call<{ rows: T[]; next: number | null }>(`${path}?after=${cursor ?? 0}`, signal);
    return { records: rows, next: next === null ? null : String(next) };
  };
  const all = async <T>(path: string, signal: AbortSignal): Promise<T[]> => {
    const found: T[] = [];
    for (let cursor: string | null = null; ; ) {
      const { records, next }: ListPage<T> = await page<T>(path, cursor, signal);
      found.push(...records);
      if (next === null) return found;
      cursor = next;
    }
  };
  /** The product loses what it is not told again: read, change, write the whole list. */
  const assign = async (place: Place, license: Assignment["license"], signal: AbortSignal): Promise<void> => {
    const path = `apps/${place.adamId}/assignments`;
    const others = (await all<Assignment>(path, signal)).filter(({ group }) => group !== place.group);
    await call(path, signal, "PUT", [...others, { group: place.group, intent: place.intent, license }]);
  };
  /** @returns the devices that the product does not know. */
  const address = async (place: Place, steps: readonly Step[], signal: AbortSignal): Promise<readonly string[]> => {
    const devices = steps.map((step) => step.device.externalId);
    const opposite = ownGroup(place.adamId, place.intent === "required" ? "uninstall" : "required");
    await call(`collections/${opposite}`, signal, "PUT", { remove: devices });
    if (steps[0]?.collection) return [];
    return (await call<{ unknown: string[] }>(`collections/${place.group}`, signal, "PUT", { add: devices })).unknown;
  };
  const applyAt = async (place: Place, steps: readonly Step[], signal: AbortSignal): Promise<StepOutcome[]> => {
    const unknown = await address(place, steps, signal);
    await assign(place, steps[0]?.licensing ?? "device", signal);
    return steps.map(({ key, device, decidedAt }) => {
      const handle = JSON.stringify({ ...place, since: decidedAt.toISOString() } satisfies Handle);
      if (!unknown.includes(device.externalId)) return { key, outcome: "accepted", handle };
      return { key, outcome: "failed", failure: { code: "DEVICE_UNKNOWN", detail: "The product does not know it." } };
    });
  };
  return {
    async check(signal) {
      await call("tokens", signal);
      return { ok: true, apns: { state: "not-reported", expiresAt: null }, findings: [] };
    },
    async listHolders(kind, cursor, signal) {
      const { records, next } = await page<never>(`${kind}s`, cursor, signal);
      const theirs = records.filter(({ externalId }: { externalId: string }) => !externalId.startsWith(OWN));
      return { records: theirs, next, complete: next === null };
    },
    async apply(steps, signal) {
      const applied: StepOutcome[] = [];
      // One after the other: each reads the list of an app's assignments and writes it anew.
      for (const [place, theirs] of byPlace(steps)) {
        try {
          applied.push(...(await applyAt(place, theirs, signal)));
        } catch (error) {
          applied.push(...outcomesAfter(error, theirs, applied.length === 0, now()));
        }
      }
      // There is nothing to ask a device by: the next report tells.
      const looks = steps.filter(({ action }) => action === "verify");
      return [
        ...applied,
        ...looks.map(({ key, handle }): StepOutcome => ({ key, outcome: "accepted", handle: handle ?? key })),
      ];
    },
    async poll(handles, signal) {
      const statuses: StepStatus[] = [];
      const reports = new Map<string, ReportRow[]>();
      for (const [text, handle] of handles.flatMap(readHandle)) {
        const report = reports.get(handle.adamId) ?? (await all<ReportRow>(`apps/${handle.adamId}/report`, signal));
        reports.set(handle.adamId, report);
        statuses.push(...report.map((row) => statusOf(text, handle, row)));
      }
      return { statuses, followUps: [] };
    },
    async release({ app: { adamId }, collection, others: stay }, signal) {
      const own = [ownGroup(adamId, "required"), ownGroup(adamId, "uninstall")];
      const groups = collection ? [collection.externalId] : own;
      if (stay.some(({ externalId }) => externalId === collection?.externalId)) return;
      const path = `apps/${adamId}/assignments`;
      const present = await all<Assignment>(path, signal);
      const others = present.filter(({ group }) => !groups.includes(group));
      if (others.length < present.length) await call(path, signal, "PUT", others);
      if (collection) return;
      for (const { externalId, memberExternalIds } of await all<CollectionRecord>("collections", signal)) {
        if (own.includes(externalId))
          await call(`collections/${externalId}`, signal, "PUT", { remove: memberExternalIds });
      }
    },
    licenses: {
      async tokens(signal) {
        const tokens = await all<{ id: string; name: string; location: string }>("tokens", signal);
        const common = {
          organization: null,
          locationName: null,
          country: null,
          expiresAt: null,
          state: "valid",
        } as const;
        return tokens.map(({ id, name, location }) => ({ externalId: id, name, locationId: location, ...common }));
      },
      sync: async () => ({ finished: true }),
      async apps(_token, cursor, signal) {
        const apps = await page<ProductApp>("apps", cursor, signal);
        const common = { pricingParam: "STDQ", platforms: ["iOS"], deviceAssignable: true } as const;
        const records = apps.records.map(({ total, used, ...app }) => ({
          ...app,
          ...common,
          totalCount: total,
          assignedCount: used,
        }));
        return { records, next: apps.next };
      },
      async holders(_token, adamId, cursor, signal) {
        const held = await page<{ kind: "user" | "device"; id: string }>(`apps/${adamId}/licenses`, cursor, signal);
        return { records: held.records.map(({ kind, id }) => ({ kind, externalId: id })), next: held.next };
      },
      async revoke(_token, adamId, holders, signal) {
        await call(`apps/${adamId}/licenses`, signal, "POST", { revoke: holders.map((holder) => holder.externalId) });
      },
    },
  };
}

/** Groups of the plugin's own, for devices that no group of the product's stands for. */
const OWN = "allotment-";
const ownGroup = (adamId: string, intent: Place["intent"]): string => `${OWN}${adamId}-${intent}`;

function placeOf({ app, action, collection }: Step): Place {
  const intent = action === "remove" ? "uninstall" : "required";
  return { adamId: app.adamId, intent, group: collection?.externalId ?? ownGroup(app.adamId, intent) };
}

/** None for a handle that this plugin has not made. */
function readHandle(text: string): [string, Handle][] {
  try {
    const handle = JSON.parse(text) as Partial<Handle>;
    const isOurs = typeof handle.adamId === "string" && handle.intent !== undefined && handle.since !== undefined;
    return isOurs ? [[text, handle as Handle]] : [];
  } catch {
    return [];
  }
}

/** The product's no for good is theirs alone. What may pass is put off, unless nothing is known of any Step yet. */
function outcomesAfter(error: unknown, steps: readonly Step[], isFirst: boolean, now: Date): StepOutcome[] {
  if (!(error instanceof PluginError)) throw error;
  const { kind, message: reason, options } = error;
  if (kind === "rejected") {
    const failure = { code: "REJECTED_BY_TARGET", detail: reason } as const;
    return steps.map(({ key }) => ({ key, outcome: "failed", failure }));
  }
  if (isFirst) throw error;
  const until = new Date(now.getTime() + (options.retryAfterMs ?? 0));
  return steps.map(({ key }) => ({ key, outcome: "deferred", until, reason }));
}

function byPlace(steps: readonly Step[]): [Place, Step[]][] {
  const places = new Map<string, [Place, Step[]]>();
  for (const step of steps.filter(({ action }) => action !== "verify")) {
    const place = placeOf(step);
    const name = JSON.stringify(place);
    places.set(name, [place, [...(places.get(name)?.[1] ?? []), step]]);
  }
  return [...places.values()];
}

/** What was reported before the Step was decided is the end of another one, unless the app is there. */
function statusOf(handle: string, { intent, since }: Handle, { device, state, at }: ReportRow): StepStatus {
  const status = { handle, device, observedAt: new Date(at) };
  if (state === "installed") return { ...status, state: intent === "required" ? "installed" : "pending" };
  if (new Date(at) < new Date(since)) return { ...status, state: "pending" };
  if (intent === "uninstall") return { ...status, state: "removed" };
  if (state === "failed") {
    const failure = { code: "INSTALL_FAILED", detail: "The device refused the app." } as const;
    return { ...status, state: "failed", failure };
  }
  if (state !== "noLicense") return { ...status, state: "pending" };
  return { ...status, state: "failed", failure: { code: "NO_LICENSE", detail: "The product has no licence left." } };
}
