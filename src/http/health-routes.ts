import type { FastifyInstance } from "fastify";
import { databaseAnswers } from "../queries/database-answers.js";
import type { Core } from "../sync/core.js";

/** Mounts `/health/live` (the process answers) and `/health/ready` (so does the database); the only ones without a key. */
export function addHealthRoutes(http: FastifyInstance, core: Core): void {
  http.get("/health/live", async () => ({ status: "live" }));
  http.get("/health/ready", async (_request, reply) => {
    if (await databaseAnswers(core.dataSource)) return { status: "ready" };
    return reply.code(503).send({ status: "unavailable", reason: "The database does not answer." });
  });
}
