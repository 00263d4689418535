import { createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookRequest } from "../contract.js";

/**
 * Is it the server that calls? By NanoMDM's signature of the body, or, where the server cannot sign, by the password in the
 * webhook's address (`https://allotment:<secret>@…`), which comes as Basic authentication.
 */
export function isAuthentic({ headers, body }: WebhookRequest, secret: string): boolean {
  const signature = headers["x-hmac-signature"];
  if (signature !== undefined) {
    const ours = createHmac("sha256", secret).update(body).digest();
    return areEqual(Buffer.from(signature, "base64"), ours);
  }
  const [, credentials] = /^Basic\s+(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (credentials === undefined) return false;
  const decoded = Buffer.from(credentials, "base64").toString("utf8");
  const password = decoded.slice(decoded.indexOf(":") + 1);
  return areEqual(digest(password), digest(secret));
}

/** In a time that does not tell how much is equal. */
function areEqual(theirs: Buffer, ours: Buffer): boolean {
  return theirs.length === ours.length && timingSafeEqual(theirs, ours);
}

function digest(text: string): Buffer {
  return createHmac("sha256", "length").update(text).digest();
}
