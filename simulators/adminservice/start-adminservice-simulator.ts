import { close } from "../http/close.js";
import { listen } from "../http/listen.js";
import { createEntraServer } from "./access/entra-server.js";
import { createAdminServiceServer } from "./adminservice-server.js";
import { makeServerCertificate, type ServerCertificate } from "./certificate.js";
import { createControlServer } from "./control/control-server.js";
import type { Account, ClientApp } from "./model/records.js";
import { type LicenseHook, Site } from "./model/site.js";
import { type Population, populate } from "./populate.js";
import type { SwitchesInput } from "./switches.js";

export interface AdminServiceSimulatorOptions extends Partial<Population> {
  host?: string;
  /** 0 takes any free port, for all. */
  port?: number;
  controlPort?: number;
  entraPort?: number;
  seed?: number;
  certificate?: "self" | "authority";
  switches?: SwitchesInput;
  /** Whether an install finds a licence; all do if left out. */
  licensed?: LicenseHook;
}

export interface AdminServiceSimulator {
  /** E.g. `https://127.0.0.1:5011`. */
  readonly url: string;
  readonly controlUrl: string;
  /** Where tokens come from, in place of Entra's address. */
  readonly entraUrl: string;
  /** The base through the gateway. */
  readonly gatewayUrl: string;
  readonly account: Account;
  readonly clientApp: ClientApp;
  /** What the server shows now. */
  certificate(): ServerCertificate;
  /** The data itself, for tests in the same process to look at. */
  readonly site: Site;
  /** Cuts every connection and drops what waits. */
  stop(): Promise<void>;
}

const GATEWAY_ID = "72057594037927941";

/**
 * Starts a simulated site with 10 devices and 5 users unless told otherwise.
 * @throws the system's error if a port is taken; nothing is left open then.
 */
export async function startAdminServiceSimulator(
  options: AdminServiceSimulatorOptions = {},
): Promise<AdminServiceSimulator> {
  const { host = "127.0.0.1", port = 0, controlPort = 0, entraPort = 0, seed = 1 } = options;
  const site = new Site(seed, options.switches ?? {}, options.licensed);
  const { account, clientApp } = addAccess(site);
  const { users = 5, devices = 10, computers = 2, label = "SCCM" } = options;
  populate(site, { users, devices, computers, label });
  let certificate = await makeServerCertificate(host, options.certificate ?? "self");
  const adminService = createAdminServiceServer(site, certificate);
  const renew = async () => {
    certificate = await makeServerCertificate(host, options.certificate ?? "self");
    adminService.setSecureContext({ cert: certificate.cert, key: certificate.key });
    adminService.closeAllConnections();
    return certificate;
  };
  const control = createControlServer({
    site,
    renewCertificate: renew,
    closeSockets: () => adminService.closeAllConnections(),
  });
  const entra = createEntraServer(site);
  const stop = async () => {
    await Promise.all([adminService, control, entra].map((server) => close(server)));
    site.close();
  };
  try {
    const url = (await listen(adminService, host, port)).replace("http:", "https:");
    return {
      url,
      controlUrl: await listen(control, host, controlPort),
      entraUrl: await listen(entra, host, entraPort),
      gatewayUrl: `${url}/CCM_Proxy_ServerAuth/${GATEWAY_ID}`,
      account,
      clientApp,
      certificate: () => certificate,
      site,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One account and one app, the same for the same seed. */
function addAccess(site: Site): { account: Account; clientApp: ClientApp } {
  const account = { domain: "EXAMPLE", user: "svc-allotment", password: `Pw-${site.random.uuid()}` };
  const tenantId = site.random.uuid();
  const clientApp = {
    tenantId,
    clientId: site.random.uuid(),
    clientSecret: site.random.bytes(20).toString("hex"),
    resource: `api://${tenantId}/${site.random.uuid()}`,
  };
  site.accounts.push(account);
  site.clientApps.push(clientApp);
  return { account, clientApp };
}
