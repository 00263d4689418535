import { z } from "zod";
import { secret } from "../contract.js";

/** What both servers need to be told. */
export const serverSettings = z.object({
  /** The server's address without `/v1`, e.g. `https://mdm.example.com`. */
  url: z.url({ protocol: /^https?$/ }),
  /** The server's `-api` (NanoMDM) or `-api-key` (MicroMDM). */
  apiKey: secret(),
  /** The key of `X-Hmac-Signature`, or the password in the webhook's address: how calls to us are known to be the server's. */
  webhookSecret: secret(),
  /** Where no public authority vouches for the server: a certificate or its fingerprint, as the contract's `PinnedCertificate`. */
  certificate: z
    .union([
      z.strictObject({ authority: z.string().min(1) }),
      z.strictObject({ sha256: z.string().regex(/^([0-9a-f]{2}:?){32}$/i) }),
    ])
    .optional(),
  /** An app that the person has installed becomes managed, which some devices ask the person about. Not under User Enrollment. */
  takeOverApps: z.boolean().default(true),
  /** Apps go when the device leaves the management. */
  removeWithManagement: z.boolean().default(true),
  /** The apps' data stay out of backups. */
  preventBackup: z.boolean().default(false),
});

export const nanoSettings = serverSettings.extend({
  /** The topic of the push certificate, `com.apple.mgmt.…`: with it, NanoMDM tells when the certificate expires. */
  pushTopic: z.string().min(1).optional(),
});

export type ServerSettings = z.infer<typeof serverSettings>;
export type NanoSettings = z.infer<typeof nanoSettings>;
