import type { FastifyInstance, FastifyReply } from "fastify";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../errors.js";
import type { Core } from "../sync/core.js";
import { receiveNotification } from "../sync/licenses/notifications/receive-notification.js";
import { notificationSecret } from "../sync/tokens/subscription.js";
import { carriesBearer } from "./authentication/bearer.js";
import { WrongSecrets } from "./wrong-secrets.js";

/** A notification has at most 100 elements (reference: apple-protocol 3.7), which is a tenth of this. */
const BODY_LIMIT_BYTES = 256 * 1024;

/** Apple has sent 250 within five minutes; what is refused beyond this it sends again, and a synchronisation finds it. */
const MOST_PER_SECOND = 200;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Mounts `POST /apple/notifications/<uuid of the token>`, where Apple calls us with the secret it was given for this token.
 * 200 without a body: saved, or known already. 401: no secret, a wrong one, or no such token, which look alike; nothing of
 * the body is read then. 400: not a notification. 413: too large. 429: too many a second.
 * @param perSecond the most calls for one token that this process takes in a second.
 */
export async function addNotificationRoute(
  http: FastifyInstance,
  core: Core,
  perSecond = MOST_PER_SECOND,
): Promise<void> {
  const rate = new RateLimiterMemory({ points: perSecond, duration: 1 });
  const wrongSecrets = new WrongSecrets(core.log);
  await http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.route<{ Params: { token: string } }>({
      url: "/apple/notifications/:token",
      method: "POST",
      bodyLimit: BODY_LIMIT_BYTES,
      onRequest: async (request, reply) => {
        const { token } = request.params;
        const proven = carriesBearer(request.headers.authorization, notificationSecret(core, token));
        if (!proven || !UUID.test(token)) await wrongSecrets.tellOf(notApple(), request.ip, { token });
        if (!(await mayPass(rate, token))) await refuseMore(reply);
      },
      handler: async (request, reply) => {
        const text = request.body instanceof Buffer ? request.body.toString("utf8") : "";
        if (!(await receiveNotification(core, request.params.token, text))) throw notApple();
        return reply.code(200).send();
      },
    });
  });
}

function notApple(): AppError {
  return new AppError(
    "UNAUTHENTICATED",
    "Only Apple may call this address, with the secret it was given for the token.",
  );
}

async function mayPass(rate: RateLimiterMemory, token: string): Promise<boolean> {
  try {
    await rate.consume(token);
    return true;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return false;
    throw refusal;
  }
}

function refuseMore(reply: FastifyReply): FastifyReply {
  return reply.code(429).header("retry-after", "1").send();
}
