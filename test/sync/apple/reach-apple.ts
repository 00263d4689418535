import { createTransport } from "../../../src/sync/apple/request.js";

/*
 * A process of its own for proxy.test.ts, since Node reads NODE_EXTRA_CA_CERTS only as it starts. Asks the address given
 * first through the proxy given second, and prints the answer.
 */
const [, , url = "", https = ""] = process.argv;
const timeouts = { connect: 10_000, headers: 10_000, body: 10_000 };
const transport = createTransport(timeouts, { http: null, https, noProxy: null });
const answer = await transport.exchange({ method: "GET", url, headers: { authorization: "Bearer token" } });
await transport.close();
process.stdout.write(JSON.stringify(answer));
