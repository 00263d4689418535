import { z } from "zod";
import { secret } from "../contract.js";

const address = (usual: string) =>
  z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ""))
    .default(usual);

const clientCertificate = z.object({
  certificate: z
    .string()
    .includes("-----BEGIN CERTIFICATE-----", "must be a certificate as PEM")
    .describe("The certificate that was uploaded to the app registration, as PEM."),
  privateKey: secret().describe("Its private key, as PEM in PKCS #8, without a passphrase."),
  algorithm: z.enum(["PS256", "RS256"]).default("PS256").describe("How assertions are signed."),
});

/** What an admin fills in: the app registration, and which cloud it is in. */
export const intuneSettings = z.object({
  tenantId: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}$/, "must be a tenant's id or domain")
    .describe("The tenant's id, or one of its domains."),
  clientId: z.guid().describe("The app registration's application (client) id."),
  clientSecret: secret().describe("A client secret of the app registration.").optional(),
  clientCertificate: clientCertificate.describe("Instead of a client secret.").optional(),
  graphUrl: address("https://graph.microsoft.com").describe(
    "Another cloud's Graph, such as https://graph.microsoft.us.",
  ),
  loginUrl: address("https://login.microsoftonline.com").describe(
    "Another cloud's login service, such as https://login.microsoftonline.us.",
  ),
  api: z
    .enum(["beta", "v1.0"])
    .default("beta")
    .describe("v1.0 does without macOS apps, licence holders and taking licences back."),
  groupFilter: z
    .string()
    .min(1)
    .max(1000)
    .default("securityEnabled eq true")
    .describe("Which groups are listed as collections, as an OData filter."),
  groupPrefix: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,9}$/, "must be 1 to 10 lower-case letters and digits, a letter first")
    .default("allotment")
    .describe("Begins the names of groups that Allotment makes. Each Allotment of one tenant needs its own."),
});

export type IntuneSettings = z.infer<typeof intuneSettings>;
export type ClientCertificate = NonNullable<IntuneSettings["clientCertificate"]>;
