import { z } from "zod";
import {
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
interface Handle {
  adamId: string;
  intent: Assignment["intent"];
  group: string;
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
  const assign = async (handle: Handle, license: Assignment["license"], signal: AbortSignal): Promise<void> => {
    const path = `apps/${handle.adamId}/assignments`;
    const others = (await all<Assignment>(path, signal)).filter(({ group }) => group !== handle.group);
    await call(path, signal, "PUT", [...others, { group: handle.group, intent: handle.intent, license }]);
  };
  /** @returns the devices that the product does not know. */
  const place = async (handle: Handle, steps: readonly Step[], signal: AbortSignal): Promise<readonly string[]> => {
    const devices = steps.map((step) => step.device.externalId);
    const opposite = ownGroup(handle.adamId, handle.intent === "required" ? "uninstall" : "required");
    await call(`collections/${opposite}`, signal, "PUT", { remove: devices });
    if (steps[0]?.collection) return [];
    return (await call<{ unknown: string[] }>(`collections/${handle.group}`, signal, "PUT", { add: devices })).unknown;
  };
  const applyGroup = async (text: string, steps: readonly Step[], signal: AbortSignal): Promise<StepOutcome[]> => {
    const handle = JSON.parse(text) as Handle;
    const unknown = await place(handle, steps, signal);
    await assign(handle, steps[0]?.licensing ?? "device", signal);
    return steps.map(({ key, device }) => {
      if (!unknown.includes(device.externalId)) return { key, outcome: "accepted", handle: text };
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
      const groups = [...byHandle(steps)];
      const done = await Promise.allSettled(groups.map(([handle, group]) => applyGroup(handle, group, signal)));
      const failed = done.find((one) => one.status === "rejected");
      if (failed && done.every((one) => one.status === "rejected")) throw failed.reason;
      const applied = done.flatMap((one, index) =>
        one.status === "fulfilled" ? one.value : putOff(groups[index]?.[1] ?? [], one.reason, now()),
      );
      // There is nothing to ask a device by: the next report tells.
      const looks = steps.filter(({ action }) => action === "verify");
      return [
        ...applied,
        ...looks.map(({ key, handle }): StepOutcome => ({ key, outcome: "accepted", handle: handle ?? key })),
      ];
    },
    async poll(handles, signal) {
      const statuses: StepStatus[] = [];
      for (const [handle, { adamId, intent }] of handles.flatMap(readHandle)) {
        const report = await all<ReportRow>(`apps/${adamId}/report`, signal);
        statuses.push(...report.map((row) => statusOf(handle, intent, row)));
      }
      return { statuses, followUps: [] };
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
const ownGroup = (adamId: string, intent: Handle["intent"]): string => `${OWN}${adamId}-${intent}`;

function handleOf({ app, action, collection }: Step): string {
  const intent = action === "remove" ? "uninstall" : "required";
  const group = collection?.externalId ?? ownGroup(app.adamId, intent);
  return JSON.stringify({ adamId: app.adamId, intent, group } satisfies Handle);
}

/** None for a handle that this plugin has not made. */
function readHandle(text: string): [string, Handle][] {
  try {
    const handle = JSON.parse(text) as Partial<Handle>;
    const isOurs = typeof handle.adamId === "string" && handle.intent !== undefined && handle.group !== undefined;
    return isOurs ? [[text, handle as Handle]] : [];
  } catch {
    return [];
  }
}

/** Another group's request went well: these wait, and the product's no for good is theirs alone. */
function putOff(steps: readonly Step[], error: unknown, now: Date): StepOutcome[] {
  if (!(error instanceof PluginError) || error.kind === "config" || error.kind === "internal") throw error;
  const { kind, message: reason, options } = error;
  if (kind === "rejected") {
    const failure = { code: "REJECTED_BY_TARGET", detail: reason } as const;
    return steps.map(({ key }) => ({ key, outcome: "failed", failure }));
  }
  const until = new Date(now.getTime() + (options.retryAfterMs ?? 0));
  return steps.map(({ key }) => ({ key, outcome: "deferred", until, reason }));
}

function byHandle(steps: readonly Step[]): Map<string, Step[]> {
  const groups = new Map<string, Step[]>();
  for (const step of steps.filter(({ action }) => action !== "verify")) {
    groups.set(handleOf(step), [...(groups.get(handleOf(step)) ?? []), step]);
  }
  return groups;
}

function statusOf(handle: string, intent: Handle["intent"], { device, state, at }: ReportRow): StepStatus {
  const status = { handle, device, observedAt: new Date(at) };
  if (intent === "uninstall") return { ...status, state: state === "installed" ? "pending" : "removed" };
  if (state === "failed") {
    const failure = { code: "INSTALL_FAILED", detail: "The device refused the app." } as const;
    return { ...status, state: "failed", failure };
  }
  if (state !== "noLicense") return { ...status, state: state === "installed" ? "installed" : "pending" };
  return { ...status, state: "failed", failure: { code: "NO_LICENSE", detail: "The product has no licence left." } };
}
