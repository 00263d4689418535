// `npm run examples:types`: writes the types of the examples' operations anew after a change of the API.
import { writeFile } from "node:fs/promises";
import { generateTypes } from "./generate-types.js";

for (const { path, text } of await generateTypes()) await writeFile(path, text);
