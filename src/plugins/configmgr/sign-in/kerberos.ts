import { z } from "zod";
import { type Channel, PluginError } from "../../contract.js";
import type { SignIn } from "./sign-in.js";

/** An optional peer of Allotment's, with native code: named so that nothing looks for it before it is asked for. */
const PACKAGE: string = "kerberos";

type Ticket = { readonly step: (challenge: string) => Promise<string> };
type Begin = (service: string, options: { mechOID: number }) => Promise<Ticket>;
const kerberosPackage = z.object({
  initializeClient: z.custom<Begin>((value) => typeof value === "function"),
  GSS_MECH_OID_SPNEGO: z.number(),
});

/** Kerberos, with the ticket cache of the machine; each request brings a ticket of its own. */
export async function signInByKerberos(
  url: string,
  servicePrincipal: string | null,
  channel: Channel,
): Promise<SignIn> {
  const { initializeClient, GSS_MECH_OID_SPNEGO } = await load();
  const service = servicePrincipal ?? `HTTP@${new URL(url).hostname}`;
  const ticket = async () => {
    try {
      const client = await initializeClient(service, { mechOID: GSS_MECH_OID_SPNEGO });
      return await client.step("");
    } catch (cause) {
      throw new PluginError(
        "config",
        `Kerberos has no ticket for ${service}: see to it that this machine's account has one (klist).`,
        {
          cause,
        },
      );
    }
  };
  return {
    secrets: () => [],
    async send({ url: address, method, headers, body }, signal) {
      const authorization = `Negotiate ${await ticket()}`;
      return channel.fetch(address, {
        method,
        headers: { ...headers, authorization },
        signal,
        ...(body === undefined ? {} : { body }),
      });
    },
  };
}

async function load(): Promise<z.infer<typeof kerberosPackage>> {
  const found = await import(PACKAGE).catch(() => null);
  const read = kerberosPackage.safeParse(found?.default ?? found);
  if (read.success) return read.data;
  throw new PluginError(
    "config",
    'Sign-in by Kerberos needs the npm package "kerberos", which is not installed: run `npm install kerberos` where Allotment is, and start it again.',
  );
}
