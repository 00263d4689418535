import { defineConfig } from "vitest/config";

export default defineConfig({
  // What Node itself loads: "graphql" alone would be a second copy, its .mjs, beside the one that its dependents have.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
