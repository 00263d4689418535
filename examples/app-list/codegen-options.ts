/** How types are generated, for `codegen.ts`. */
const options = {
  preset: "client",
  presetConfig: { fragmentMasking: false },
  config: {
    useTypeImports: true,
    importExtension: ".js",
    scalars: { ID: "string", DateTime: "string", SafeInt: "number", JSONObject: "Record<string, unknown>" },
  },
} as const;

export default options;
