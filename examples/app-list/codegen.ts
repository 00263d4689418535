import type { CodegenConfig } from "@graphql-codegen/cli";
import options from "./codegen-options.js";

/** `npm run types` writes `src/gql/` from the schema and the operations in `src/*.graphql`. */
const config: CodegenConfig = {
  // Yours may come from the service: { "https://allotment.example.com/graphql": { headers: { authorization: "Bearer …" } } }
  schema: "../../src/schema/schema.graphql",
  documents: "src/**/*.graphql",
  generates: { "src/gql/": options },
};

export default config;
