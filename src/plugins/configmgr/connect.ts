import type { HolderKind, HolderPage, PinnedCertificate, PluginTools, TargetConnection } from "../contract.js";
import { PluginError } from "../contract.js";
import { createAdminService } from "./admin-service.js";
import { ensureApplication } from "./applications.js";
import { apply } from "./apply.js";
import { check } from "./check.js";
import { listCollections } from "./list-collections.js";
import { listDevices } from "./list-devices.js";
import { listUsers } from "./list-users.js";
import { poll } from "./poll.js";
import { release } from "./release.js";
import type { ConfigMgrSettings } from "./settings.js";
import { signInByEntra } from "./sign-in/entra.js";
import { signInByKerberos } from "./sign-in/kerberos.js";
import { signInByNtlm } from "./sign-in/ntlm.js";
import type { SignIn } from "./sign-in/sign-in.js";

/** Reaches nobody yet. @throws PluginError `config`. */
export async function connect(settings: ConfigMgrSettings, tools: PluginTools): Promise<TargetConnection> {
  const service = createAdminService(settings.url, await signInWith(settings, tools));
  const { now, random } = tools;
  const site = { service, settings, now, random };
  const list = {
    user: (cursor: string | null, signal: AbortSignal) => listUsers(service, cursor, signal),
    device: (cursor: string | null, signal: AbortSignal) => listDevices(service, settings, cursor, signal),
    collection: (cursor: string | null, signal: AbortSignal) => listCollections(service, settings, cursor, signal),
  };
  return {
    check: (signal) => check(service, settings, now, signal),
    listHolders: <K extends HolderKind>(kind: K, cursor: string | null, signal: AbortSignal) =>
      list[kind](cursor, signal) as unknown as Promise<HolderPage<K>>,
    async ensureApplication(app, signal) {
      const { ModelName } = await ensureApplication(service, app, signal);
      return { handle: ModelName };
    },
    apply: (steps, signal) => apply(site, steps, signal),
    poll: (handles, signal) => poll(site, handles, signal),
    release: (wish, signal) => release(site, wish, signal),
  };
}

async function signInWith(settings: ConfigMgrSettings, tools: PluginTools): Promise<SignIn> {
  const { url, domain, user, password, tenantId, clientId, clientSecret, resource, authorityUrl } = settings;
  const certificate = pinned(settings);
  const channel = tools.openChannel(certificate ? { certificate } : {});
  if (settings.signIn === "kerberos") return signInByKerberos(url, settings.servicePrincipal ?? null, channel);
  if (settings.signIn === "ntlm" && user && password)
    return signInByNtlm({ domain: domain ?? "", user, password }, channel);
  if (settings.signIn === "entra" && tenantId && clientId && clientSecret && resource) {
    return signInByEntra({ tenantId, clientId, clientSecret, resource, authorityUrl }, channel, tools);
  }
  throw new PluginError("config", "What is needed to sign in is missing from the settings.");
}

function pinned({ certificateSha256, certificateAuthority }: ConfigMgrSettings): PinnedCertificate | null {
  if (certificateSha256) return { sha256: certificateSha256 };
  return certificateAuthority ? { authority: certificateAuthority } : null;
}
