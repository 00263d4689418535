import { z } from "zod";
import { secret } from "../contract.js";

/** Which of the settings a way of signing in needs. */
const NEEDED = {
  ntlm: ["user", "password"],
  kerberos: [],
  entra: ["tenantId", "clientId", "clientSecret", "resource"],
} as const;

/** What an admin fills in. */
export const settings = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .refine(isEncrypted, "must begin with https://")
      .describe(
        "Where the AdminService is: https:// and the SMS Provider's name, or the gateway's address up to CCM_Proxy_ServerAuth/<id>.",
      ),
    signIn: z
      .enum(["ntlm", "kerberos", "entra"])
      .default("ntlm")
      .describe("ntlm: a Windows account. kerberos: the tickets of the machine. entra: a token, through the gateway."),
    domain: z.string().max(255).nullish().describe("ntlm: the NetBIOS name of the account's domain, such as EXAMPLE."),
    user: z.string().min(1).max(255).nullish().describe("ntlm: the account's name, without the domain."),
    password: secret().nullish().describe("ntlm: its password."),
    servicePrincipal: z.string().min(1).nullish().describe("kerberos: left out, HTTP@ and the host of the address."),
    tenantId: z.guid().nullish().describe("entra: the tenant's id."),
    clientId: z.guid().nullish().describe("entra: the id of the client app."),
    clientSecret: secret().nullish().describe("entra: its secret."),
    resource: z
      .string()
      .regex(/^api:\/\/\S+$/, "must be an address such as api://tenant/app")
      .nullish()
      .describe("entra: the URI of the server app, such as api://<tenant id>/<server app id>."),
    authorityUrl: z
      .url({ protocol: /^https?$/ })
      .refine(isEncrypted, "must begin with https://")
      .default("https://login.microsoftonline.com")
      .describe("entra: where tokens come from."),
    certificateSha256: z
      .string()
      .nullish()
      .describe("The SHA-256 fingerprint of the server's certificate, where no known authority has signed it."),
    certificateAuthority: z
      .string()
      .nullish()
      .describe("Or the certificate, as PEM, of the authority that has signed it."),
    limitingCollectionId: z
      .string()
      .regex(/^[A-Za-z0-9]{8}$/, "must be 8 letters and digits")
      .default("SMS00001")
      .describe("The device collection that limits the collections that Allotment makes."),
    collectionPrefix: z
      .string()
      .trim()
      .min(3)
      .max(40)
      .default("Allotment")
      .describe("How the names of these collections begin. Two Allotments at one site need two prefixes."),
    devices: z
      .enum(["mobile", "all"])
      .default("mobile")
      .describe(
        "mobile: devices managed by MDM (ClientType 3). all: also computers with the client, of which those with macOS are taken.",
      ),
  })
  .superRefine((given, context) => {
    for (const name of NEEDED[given.signIn]) {
      if (given[name]) continue;
      context.addIssue({ code: "custom", path: [name], message: `is needed to sign in by ${given.signIn}` });
    }
    if (given.certificateSha256 && given.certificateAuthority) {
      const message = "give the certificate's fingerprint or its authority, not both";
      context.addIssue({ code: "custom", path: ["certificateAuthority"], message });
    }
  });

export type ConfigMgrSettings = z.infer<typeof settings>;

/** Unencrypted addresses are for trials on one machine. */
function isEncrypted(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || hostname === "127.0.0.1" || hostname === "localhost";
}
