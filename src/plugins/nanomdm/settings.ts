import { z } from "zod";
import { secret } from "../contract.js";

/** What both servers need to be told. */
export const serverSettings = z.object({
  url: z.url({ protocol: /^https?$/ }).describe("The server's address without /v1, such as https://mdm.example.com."),
  apiKey: secret().describe("The server's -api (NanoMDM) or -api-key (MicroMDM)."),
  webhookSecret: secret().describe(
    "The key of X-Hmac-Signature, or the password in the webhook's address: how calls to us are known to be the server's.",
  ),
  certificate: z
    .union([
      z.strictObject({ authority: z.string().min(1) }),
      z.strictObject({ sha256: z.string().regex(/^([0-9a-f]{2}:?){32}$/i) }),
    ])
    .optional()
    .describe(
      "Where no public authority vouches for the server: its certificate or that of its authority as PEM, or its SHA-256 fingerprint.",
    ),
  takeOverApps: z
    .boolean()
    .default(true)
    .describe(
      "An app that the person has installed becomes managed, which some devices ask about. Not under User Enrollment.",
    ),
  removeWithManagement: z.boolean().default(true).describe("Apps go when the device leaves the management."),
  preventBackup: z.boolean().default(false).describe("The apps' data stay out of backups."),
});

export const nanoSettings = serverSettings.extend({
  pushTopic: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The topic of the push certificate, com.apple.mgmt.…: with it, NanoMDM tells when the certificate expires.",
    ),
});

export type ServerSettings = z.infer<typeof serverSettings>;
export type NanoSettings = z.infer<typeof nanoSettings>;
