import { resolve } from "node:path";
import { RefusedSkeleton, writeSkeleton } from "./write-skeleton.js";

const USAGE = "npm run new-plugin -- <name> [directory]";

const [name, directory = `../allotment-plugin-${name}`] = process.argv.slice(2);
if (name === undefined) fail(`Say how the plugin is called: ${USAGE}`);
const place = resolve(directory);
try {
  const files = await writeSkeleton(name, place);
  console.log(`${place} has ${files.join(", ")}.`);
  console.log("Next: npm install, npm test; then fill in what the test misses (src/plugins/README.md).");
} catch (error) {
  if (!(error instanceof RefusedSkeleton)) throw error;
  fail(error.message);
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
