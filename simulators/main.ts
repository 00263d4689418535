import { runAdminServiceCommand } from "./adminservice/command.js";
import { runAppleCommand } from "./apple/command.js";
import { runGraphCommand } from "./graph/command.js";
import { InputError } from "./input-error.js";
import { runNanoMdmCommand } from "./nanomdm/command.js";

const products: Record<string, (args: string[]) => Promise<void>> = {
  apple: runAppleCommand,
  nanomdm: runNanoMdmCommand,
  adminservice: runAdminServiceCommand,
  graph: runGraphCommand,
};

const [product, ...args] = process.argv.slice(2);

try {
  const run = product === undefined ? undefined : products[product];
  if (run === undefined) {
    const known = Object.keys(products).join(", ");
    throw new InputError(
      `${product === undefined ? "Name a product" : `There is no simulator of "${product}"`}: one of ${known}. ` +
        "Example: npm run simulate -- apple --port 5001",
    );
  }
  await run(args);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof InputError ? 2 : 1;
}
