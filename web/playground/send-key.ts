import { sessionKey, setSessionKey } from "../shared/session-key.js";
import { askForKey } from "./ask-for-key.js";

const API = new URL("/graphql", location.href).href;

/** Sends the session's key with every request to the API. Without one, and when it is refused, the request waits until a key is given. */
export function sendKey(): void {
  const send = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    if (addressOf(input) !== API || headers.has("authorization")) return send(input, init);
    let complaint: string | null = null;
    for (;;) {
      const key: string = sessionKey() ?? (await askForKey(complaint));
      setSessionKey(key);
      headers.set("authorization", `Bearer ${key}`);
      const response = await send(input, { ...init, headers });
      if (response.status !== 401) return response;
      complaint = await complaintOf(response);
      if (sessionKey() === key) setSessionKey(null);
    }
  };
}

function addressOf(input: RequestInfo | URL): string {
  return new URL(input instanceof Request ? input.url : input, location.href).href;
}

async function complaintOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { message: string }[] };
  return errors[0]?.message ?? "This key was refused.";
}
