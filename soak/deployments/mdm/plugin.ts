import { z } from "zod";
import {
  definePlugin,
  type HolderKind,
  type HolderRecords,
  PluginError,
  type PluginTools,
  type Step,
  type TargetConnection,
} from "../../../src/plugins/contract.js";
import type { ApplyAnswer, ListAnswer, PollAnswer } from "./wire.js";

const settings = z.object({ url: z.url() });

/** Speaks to the soak's own MDM (`serve-product`), whose devices, people and faults the soak moves as it likes. */
const modelMdm = definePlugin({
  name: "model-mdm",
  contract: 1,
  displayName: "Model MDM",
  settings,
  licenseAuthority: "service",
  abilities: {
    lists: ["user", "device", "collection"],
    applications: false,
    polls: true,
    webhooks: [],
    network: true,
  },
  connect: ({ url }, tools) => connect(url, tools),
});

export default modelMdm;

function connect(url: string, { fetch, now }: PluginTools): TargetConnection {
  const call = async <Answer>(name: string, body: unknown, signal: AbortSignal): Promise<Answer> => {
    const response = await fetch(`${url}/${name}`, { method: "POST", body: JSON.stringify(body), signal }).catch(
      (cause: unknown) => {
        throw new PluginError("transient", "The product did not answer.", { cause });
      },
    );
    if (!response.ok) throw new PluginError("transient", `The product answered ${response.status}.`);
    return (await response.json()) as Answer;
  };
  return {
    check: async () => ({ ok: true, apns: { state: "valid", expiresAt: null }, findings: [] }),
    async listHolders<Kind extends HolderKind>(kind: Kind, _cursor: string | null, signal: AbortSignal) {
      const { records, complete } = await call<ListAnswer>("list", { kind }, signal);
      return { records: records as unknown as HolderRecords[Kind][], next: null, complete };
    },
    async apply(steps, signal) {
      const orders = steps.filter(({ action }) => action !== "verify").map(orderOf);
      const { refused } = await call<ApplyAnswer>("apply", { steps: orders }, signal);
      return steps.map(({ key, handle }) =>
        refused.includes(key)
          ? { key, outcome: "failed", failure: { code: "DEVICE_UNKNOWN", detail: "There is no such device." } }
          : { key, outcome: "accepted", handle: handle ?? key },
      );
    },
    async poll(handles, signal) {
      const { states } = await call<PollAnswer>("poll", { keys: handles }, signal);
      const statuses = states.map(({ key, device, state }) => ({
        handle: key,
        device,
        state,
        observedAt: now(),
        ...(state === "failed" ? { failure: { code: "INSTALL_FAILED" as const, detail: "The device refuses." } } : {}),
      }));
      return { statuses, followUps: [] };
    },
  };
}

function orderOf({ key, action, app, device }: Step) {
  return { key, action, adamId: app.adamId, device: device.externalId };
}
