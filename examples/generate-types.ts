import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { buildSchema, parse, print } from "graphql";
import config from "./app-list/codegen-options.js";

const SCHEMA = "../src/schema/schema.graphql";
const OPERATIONS = "app-list/src/apps.graphql";
const TARGET = fileURLToPath(new URL("app-list/src/gql/", import.meta.url));

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What the example's own `npm run types` writes, without its command line, which would bring two hundred packages into this
 * repository.
 */
export async function generateTypes(presetConfig: object = config.presetConfig): Promise<GeneratedFile[]> {
  const [schema, operations] = await Promise.all([read(SCHEMA), read(OPERATIONS)]);
  const document = parse(operations);
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: TARGET,
    schema: parse(schema),
    schemaAst: buildSchema(schema),
    documents: [{ location: OPERATIONS, document, rawSDL: print(document) }],
    presetConfig,
    config: config.config,
    plugins: [],
    pluginMap: {},
  });
  return Promise.all(sections.map(async (section) => ({ path: section.filename, text: await codegen(section) })));
}

function read(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}
