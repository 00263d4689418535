import { buildPages } from "./build-pages.js";

await buildPages();
