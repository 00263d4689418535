import type { FastifyInstance, FastifyRequest, HTTPMethods } from "fastify";
import { AppError } from "../errors.js";

const METHODS: readonly HTTPMethods[] = ["GET", "HEAD", "POST"];

/** Answers what no route is for: 404, or 405 where there is something that is asked for in another way. */
export function addUnknownAddress(http: FastifyInstance): void {
  http.setNotFoundHandler((request, reply) => {
    const url = pathOf(request);
    const allowed = METHODS.filter((method) => http.hasRoute({ method, url }));
    if (allowed.length === 0) {
      throw new AppError(
        "NOT_FOUND",
        "There is nothing at this address. The API is at /graphql, the Playground at /playground, the report at /report.",
      );
    }
    reply.header("allow", allowed.join(", "));
    throw Object.assign(new Error(`Ask for this address by ${allowed.join(" or ")}.`), { statusCode: 405 });
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0] ?? url;
}
