const TIMEOUT_MS = 5000;

/** What is sent as it stands on the wire; a repeated one keeps its `notificationId`. */
export interface Envelope {
  readonly notificationId: string;
  readonly notificationType: string;
  readonly notification: object;
  readonly uId: string;
}

/** Whether the receiver accepts the notification: any 2xx within five seconds, redirects not followed. */
export async function postNotification(
  url: string,
  authToken: string,
  envelope: Envelope,
  ended?: AbortSignal,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${authToken}`, "content-type": "application/json" },
      body: JSON.stringify(envelope),
      redirect: "manual",
      signal: ended === undefined ? timeout : AbortSignal.any([timeout, ended]),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
