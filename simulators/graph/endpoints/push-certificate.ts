import { type Answer, json } from "../protocol/answer.js";
import { notFound } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";

/** The one entity, at the top or, as a sample in the documentation shows it, inside `value`. */
export function getPushCertificate({ world, origin, version }: GraphRequest): Answer {
  const certificate = world.pushCertificate;
  if (certificate === null) throw notFound("The Apple push notification certificate");
  const entity = {
    id: "00000000-0000-0000-0000-00000000aaaa",
    appleIdentifier: certificate.appleIdentifier,
    topicIdentifier: "com.apple.mgmt.External.simulated",
    certificateSerialNumber: "01",
    certificateUploadStatus: null,
    certificateUploadFailureReason: null,
    certificate: null,
    lastModifiedDateTime: new Date(Date.parse(certificate.expirationDateTime) - 365 * 86_400_000).toISOString(),
    expirationDateTime: certificate.expirationDateTime,
  };
  if (world.switches.apnsShape === "inValue") return json({ value: entity });
  const context = `${origin}/${version}/$metadata#deviceManagement/applePushNotificationCertificate/$entity`;
  return json({ "@odata.context": context, ...entity });
}
