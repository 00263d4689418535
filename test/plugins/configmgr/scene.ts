import type { LoggedRequest } from "../../../simulators/adminservice/request-log.js";
import {
  type AdminServiceSimulator,
  type AdminServiceSimulatorOptions,
  startAdminServiceSimulator,
} from "../../../simulators/adminservice/start-adminservice-simulator.js";
import { configmgr } from "../../../src/plugins/configmgr/index.js";
import type { Step, StepStatus, TargetConnection } from "../../../src/plugins/contract.js";
import { CALM, connectPlugin, stepFor } from "../../support/plugins/connect-plugin.js";

export const ADAM_ID = "6440000001";

const APP = {
  adamId: ADAM_ID,
  bundleId: "example.app",
  name: "Notes & <More>",
  platforms: ["iOS"],
  applicationHandle: null,
  tokenExternalId: null,
};

/** A simulated site that does at once what is otherwise delayed when it is told to settle, and a connection to it. */
export interface Scene {
  readonly simulator: AdminServiceSimulator;
  readonly connection: TargetConnection;
  /** Another connection, with other settings. */
  connect(settings?: Record<string, unknown>, tools?: Parameters<typeof connectPlugin>[2]): Promise<TargetConnection>;
  /** Calls the control plane. */
  control(path: string, body?: object): Promise<Record<string, unknown>>;
  /** All that waits at the site happens now. */
  settle(): void;
  /** The resource ids of the mobile devices, as the plugin names them. */
  readonly devices: readonly string[];
  /** A step for the first app unless told otherwise. */
  step(device: string, action?: Step["action"], fields?: Partial<Step>): Step;
  /** What the plugin says of one device and handle now. */
  status(handle: string, device: string): Promise<StepStatus | undefined>;
  /** The requests since the last call, without those of a sign-in. */
  requests(): LoggedRequest[];
  stop(): Promise<void>;
}

/** Long enough that nothing happens by itself. */
const HOUR_MS = 3_600_000;
const STILL = {
  evaluationDelayMs: HOUR_MS,
  policyDelayMs: HOUR_MS,
  installMs: HOUR_MS,
  summaryDelayMs: HOUR_MS,
};

export async function setScene(options: AdminServiceSimulatorOptions = {}): Promise<Scene> {
  const simulator = await startAdminServiceSimulator({ ...options, switches: { ...STILL, ...options.switches } });
  const connect: Scene["connect"] = (settings = {}, tools = {}) =>
    connectPlugin(configmgr, { ...settingsFor(simulator), ...settings }, tools);
  const connection = await connect();
  let seen = simulator.site.requests.entries.length;
  return {
    simulator,
    connection,
    connect,
    devices: [...simulator.site.systems.values()]
      .filter(({ clientType }) => clientType === 3)
      .map(({ ResourceID }) => String(ResourceID)),
    async control(path, body = {}) {
      const answer = await fetch(`${simulator.controlUrl}${path}`, { method: "POST", body: JSON.stringify(body) });
      const told = (await answer.json()) as Record<string, unknown>;
      if (!answer.ok) throw new Error(String(told.error));
      return told;
    },
    settle: () => void simulator.site.timeline.settle(),
    step: (device, action = "install", fields = {}) => stepFor(device, { action, app: APP, ...fields }),
    async status(handle, device) {
      const { statuses } = await connection.poll([handle], CALM);
      return statuses.find((status) => status.device === device);
    },
    requests() {
      const since = simulator.site.requests.entries.slice(seen).filter(({ answer }) => answer !== 401);
      seen = simulator.site.requests.entries.length;
      return since;
    },
    stop: simulator.stop,
  };
}

/** What an admin fills in for the simulated site. */
export function settingsFor({ url, account, certificate }: AdminServiceSimulator): Record<string, unknown> {
  return { url, signIn: "ntlm", ...account, certificateSha256: certificate().fingerprint };
}
