import type { FastifyInstance } from "fastify";
import type { Core } from "../sync/core.js";
import { receiveWebhook } from "../sync/deployments/receive-webhook.js";
import { noSuchTarget, requireWebhookRoom } from "../sync/deployments/require-webhook-room.js";
import { WrongSecrets } from "./wrong-secrets.js";

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Mounts `/targets/<id>/webhook`, where targets' products call us: in whatever format, proven as their plugin says. */
export async function addWebhookRoute(http: FastifyInstance, core: Core): Promise<void> {
  const wrongSecrets = new WrongSecrets(core.log);
  await http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.route<{ Params: { id: string } }>({
      url: "/targets/:id/webhook",
      method: ["POST", "PUT"],
      bodyLimit: BODY_LIMIT_BYTES,
      onRequest: async ({ params: { id } }) => {
        if (!UUID.test(id)) throw noSuchTarget();
        await requireWebhookRoom(core, id);
      },
      handler: async ({ params: { id }, headers, body, ip }) => {
        const bytes = body instanceof Buffer ? body : Buffer.alloc(0);
        await receiveWebhook(core, id, { headers: oneEach(headers), body: bytes }).catch((error: unknown) =>
          wrongSecrets.tellOf(error, ip, { target: id }),
        );
        return {};
      },
    });
  });
}

/** A header that was sent several times is one, its values joined as HTTP says. */
function oneEach(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const present = Object.entries(headers).filter(
    (header): header is [string, string | string[]] => header[1] !== undefined,
  );
  return Object.fromEntries(present.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}
