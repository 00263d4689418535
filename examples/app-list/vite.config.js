import { defineConfig } from "vite";

/** Where Allotment is. The browser sees one origin, since Allotment answers no other that `CORS_ORIGINS` does not name. */
const service = process.env.ALLOTMENT_URL ?? "http://127.0.0.1:4000";

export default defineConfig({
  server: { proxy: { "/graphql": { target: service, ws: true } } },
});
