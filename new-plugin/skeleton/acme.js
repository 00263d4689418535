import { definePlugin, PluginError, secret, z } from "allotment/plugin";

export default definePlugin({
  name: "acme",
  contract: 1,
  displayName: "Acme",
  settings: z.object({ url: z.url(), apiKey: secret() }),
  licenseAuthority: "service",
  abilities: { lists: ["user", "device"], applications: false, polls: true, webhooks: [], network: true },
  connect({ url, apiKey }, { fetch, now }) {
    const root = url.replace(/\/+$/, "");

    /**
     * One request, and what its status means.
     * @param {string} path
     * @param {AbortSignal} signal
     * @param {unknown} [body]
     */
    async function call(path, signal, body) {
      const response = await fetch(`${root}${path}`, {
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        signal,
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      });
      const { status } = response;
      if (status === 401 || status === 403) {
        throw new PluginError("config", "Acme refuses the API key: correct it in the settings.");
      }
      if (status === 429 || status >= 500) {
        throw new PluginError("transient", `Acme answered ${status}.`, pauseOf(response, now()));
      }
      if (!response.ok) throw new PluginError("rejected", `Acme answered ${status} to ${path}.`);
      return response.json().catch(() => {
        throw new PluginError("internal", `Acme's answer to ${path} is not JSON.`);
      });
    }

    return {
      async check(signal) {
        await call("/status", signal);
        throw notWritten("check");
      },
      async listHolders(_kind, _cursor, _signal) {
        throw notWritten("listHolders");
      },
      async apply(_steps, _signal) {
        throw notWritten("apply");
      },
      async poll(_handles, _signal) {
        throw notWritten("poll");
      },
    };
  },
});

/** @param {string} member */
function notWritten(member) {
  return new PluginError("internal", `\`${member}\` is not written yet.`);
}

/**
 * `Retry-After` is a number of seconds or a date.
 * @param {Response} response
 * @param {Date} now
 */
function pauseOf(response, now) {
  const told = response.headers.get("retry-after") ?? "";
  const retryAfterMs = /^\d+$/.test(told) ? Number(told) * 1000 : Date.parse(told) - now.getTime();
  return Number.isNaN(retryAfterMs) ? {} : { retryAfterMs: Math.max(retryAfterMs, 0) };
}
