import { PluginError, type PluginErrorKind, type TargetLicenseHolder } from "../../contract.js";
import { isOk, isPassing } from "../failure.js";
import type { Call, Graph } from "../graph.js";
import { mobileAppShape, type revocationShape } from "../wire.js";

type Revocation = ReturnType<typeof revocationShape.parse>;

/**
 * Has Intune take back licences of an app that are held. It does so in its own time; what it is at is not asked for again.
 * @returns whether it is at any of them still.
 * @throws PluginError with Intune's reason for what it has failed to do since it was asked here: then asked anew the next time.
 */
export type TakeBack = (appId: string, held: readonly TargetLicenseHolder[], signal: AbortSignal) => Promise<boolean>;

/** What was asked for is remembered, to tell a failure of it from one of before; where that is lost it is asked for once more. */
export function createTakeBack(graph: Graph): TakeBack {
  const asked = new Set<string>();
  return async (appId, held, signal) => {
    const place = `/beta/deviceAppManagement/mobileApps/${appId}`;
    const keyOf = (holder: TargetLicenseHolder) => `${appId} ${nameOf(holder)}`;
    const look = async (): Promise<{ holder: TargetLicenseHolder; result: Revocation | undefined }[]> => {
      const app = await graph.need("read the app", mobileAppShape, { method: "GET", place }, signal);
      const results = app.revokeLicenseActionResults ?? [];
      return held.map((holder) => ({ holder, result: lastRevocation(results, holder) }));
    };
    const refuseFailed = (seen: Awaited<ReturnType<typeof look>>): void => {
      const failed = seen.filter(({ holder, result }) => asked.has(keyOf(holder)) && result?.actionState === "failed");
      for (const { holder } of failed) asked.delete(keyOf(holder));
      const [first] = failed;
      if (first) throw revocationFailure(first.result?.actionFailureReason ?? null);
    };

    const before = await look();
    refuseFailed(before);
    const open = before.filter(({ result }) => !isUnderWay(result)).map(({ holder }) => holder);
    const answers = await graph.batch(
      open.map((holder) => revokeCall(place, holder)),
      signal,
    );
    // Who is not there any more holds nothing.
    const refused = answers.filter((answer) => !isOk(answer) && answer.status !== 404);
    const worst = refused.find(isPassing) ?? refused[0];
    if (worst) throw graph.failure(worst, "take licenses back");
    for (const holder of held) asked.add(keyOf(holder));
    const after = await look();
    refuseFailed(after);
    for (const { holder, result } of after) if (!isUnderWay(result)) asked.delete(keyOf(holder));
    return after.some(({ result }) => isUnderWay(result));
  };
}

/** A token's end is the matter of its own licences alone; without the certificate nothing of the tenant works. */
const EXPIRED: Readonly<Record<string, { readonly what: string; readonly kind: PluginErrorKind }>> = {
  expiredVppToken: { what: "the VPP token", kind: "rejected" },
  expiredApplePushNotificationCertificate: { what: "the APNs certificate", kind: "config" },
};

function revocationFailure(reason: string | null): PluginError {
  const options = reason === null ? {} : { vendorCode: reason };
  const expired = EXPIRED[reason ?? ""];
  if (expired) {
    return new PluginError(
      expired.kind,
      `Intune could not take licenses back: ${expired.what} has expired. Renew it in Intune.`,
      options,
    );
  }
  return new PluginError(
    "transient",
    `Intune could not take licenses back (${reason ?? "it gives no reason"}).`,
    options,
  );
}

function lastRevocation(
  results: readonly Revocation[],
  { kind, externalId }: TargetLicenseHolder,
): Revocation | undefined {
  const own = results.filter(({ userId, managedDeviceId }) =>
    kind === "device" ? managedDeviceId === externalId : managedDeviceId === null && userId === externalId,
  );
  return own.sort((a, b) => (a.startDateTime?.getTime() ?? 0) - (b.startDateTime?.getTime() ?? 0)).at(-1);
}

function isUnderWay(result: Revocation | undefined): boolean {
  return result?.actionState === "pending" || result?.actionState === "active";
}

function revokeCall(app: string, { kind, externalId }: TargetLicenseHolder): Call {
  const body = {
    ...(kind === "user" ? { userId: externalId } : { managedDeviceId: externalId }),
    notifyManagedDevices: false,
  };
  return { method: "POST", place: `${app}/${kind === "user" ? "revokeUserLicense" : "revokeDeviceLicense"}`, body };
}

export const nameOf = ({ kind, externalId }: TargetLicenseHolder): string => `${kind}:${externalId}`;
