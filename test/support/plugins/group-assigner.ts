import { z } from "zod";
import {
  definePlugin,
  PluginError,
  type PluginTools,
  type Step,
  type StepStatus,
  secret,
  type TargetConnection,
} from "../../../src/plugins/contract.js";

interface Assignment {
  group: string;
  intent: "required" | "uninstall";
  license: "user" | "device";
}
interface ReportRow {
  device: string;
  state: "installed" | "notInstalled" | "noLicense";
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

function connect(url: string, apiKey: string, { fetch }: PluginTools): TargetConnection {
  const call = async <T>(path: string, signal: AbortSignal, method = "GET", body?: unknown): Promise<T> => {
    const headers = { authorization: `Bearer ${apiKey}` };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}/${path}`, { method, headers, signal, ...init });
    if (response.status === 401) throw new PluginError("config", "The API key is wrong: correct it in the settings.");
    if (!response.ok) throw new PluginError("rejected", `The product answered ${response.status} to ${path}.`);
    return (await response.json()) as T;
  };
  /** The product loses what it is not told again: read, change, write the whole list. */
  const assign = async (handle: Handle, license: Assignment["license"], signal: AbortSignal): Promise<void> => {
    const path = `apps/${handle.adamId}/assignments`;
    const present = await call<Assignment[]>(path, signal);
    const others = present.filter(({ group }) => group !== handle.group);
    await call(path, signal, "PUT", [...others, { group: handle.group, intent: handle.intent, license }]);
  };
  const place = async (handle: Handle, steps: readonly Step[], signal: AbortSignal): Promise<void> => {
    const devices = steps.map((step) => step.device.externalId);
    const opposite = ownGroup(handle.adamId, handle.intent === "required" ? "uninstall" : "required");
    await call(`collections/${opposite}`, signal, "PUT", { remove: devices });
    if (!steps[0]?.collection) await call(`collections/${handle.group}`, signal, "PUT", { add: devices });
  };
  return {
    async check(signal) {
      await call("tokens", signal);
      return { ok: true, apns: { state: "not-reported", expiresAt: null }, findings: [] };
    },
    async listHolders(kind, _cursor, signal) {
      const found = await call<{ externalId: string }[]>(`${kind}s`, signal);
      const records = found.filter(({ externalId }) => !externalId.startsWith(OWN)) as never[];
      return { records, next: null, complete: true };
    },
    async apply(steps, signal) {
      for (const [handle, group] of byHandle(steps)) {
        const target: Handle = JSON.parse(handle);
        await place(target, group, signal);
        await assign(target, group[0]?.licensing ?? "device", signal);
      }
      return steps.map((step) => ({ key: step.key, outcome: "accepted", handle: step.handle ?? handleOf(step) }));
    },
    async poll(handles, signal) {
      const statuses: StepStatus[] = [];
      for (const handle of handles) {
        const { adamId, intent } = JSON.parse(handle) as Handle;
        const report = await call<ReportRow[]>(`apps/${adamId}/report`, signal);
        statuses.push(...report.map((row) => statusOf(handle, intent, row)));
      }
      return { statuses, followUps: [] };
    },
    licenses: {
      async tokens(signal) {
        const tokens = await call<{ id: string; name: string; location: string }[]>("tokens", signal);
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
      async apps(_token, _cursor, signal) {
        const apps = await call<ProductApp[]>("apps", signal);
        const common = { pricingParam: "STDQ", platforms: ["iOS"], deviceAssignable: true } as const;
        const records = apps.map(({ total, used, ...app }) => ({
          ...app,
          ...common,
          totalCount: total,
          assignedCount: used,
        }));
        return { records, next: null };
      },
      async holders(_token, adamId, _cursor, signal) {
        const held = await call<{ kind: "user" | "device"; id: string }[]>(`apps/${adamId}/licenses`, signal);
        return { records: held.map(({ kind, id }) => ({ kind, externalId: id })), next: null };
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
  if (state !== "noLicense") return { ...status, state: state === "installed" ? "installed" : "pending" };
  return { ...status, state: "failed", failure: { code: "NO_LICENSE", detail: "The product has no licence left." } };
}
