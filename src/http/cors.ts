import cors from "@fastify/cors";
import type { FastifyInstance } from "fastify";

/** So long a browser need not ask again. */
const PREFLIGHT_S = 600;

/**
 * Lets pages of these origins call; without any, a browser lets pages of no origin but ours. Keys are sent as a header, so no
 * credentials of the browser's own are taken.
 */
export async function addCors(http: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await http.register(cors, {
    origin: [...origins],
    methods: ["GET", "POST"],
    allowedHeaders: ["authorization", "content-type", "apollo-require-preflight"],
    exposedHeaders: ["x-request-id", "retry-after"],
    credentials: false,
    maxAge: PREFLIGHT_S,
    strictPreflight: true,
  });
}
