// A command of its own (`npm run schema`), so it may see the resolvers, as main.ts may.
import { writeFile } from "node:fs/promises";
import { resolvers } from "../resolvers/index.js";
import { buildSchema } from "./build-schema.js";
import { schemaText } from "./schema-text.js";

await writeFile(new URL("schema.graphql", import.meta.url), schemaText(buildSchema(resolvers)));
