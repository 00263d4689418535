// Runs vitest with the arguments given, and ends with a line that our CI reads: `N passed, N failed`.
import { parseCLI, startVitest } from "vitest/node";

const { filter, options } = parseCLI(["vitest", "run", ...process.argv.slice(2)]);
const { passed, failed } = await run().catch((error) => {
  console.error(error);
  return { passed: 0, failed: 1 };
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function run() {
  const vitest = await startVitest("test", filter, { ...options, watch: false });
  const modules = vitest.state.getTestModules();
  const errors = vitest.state.getUnhandledErrors().length;
  await vitest.close();
  const passed = modules.flatMap(testsOf).filter((test) => stateOf(test) === "passed").length;
  const failed = modules.reduce((sum, module) => sum + failuresIn(module), errors);
  // Whatever else vitest found wrong, such as a global setup that threw, shows in its exit code only.
  return { passed, failed: failed === 0 && process.exitCode ? 1 : failed };
}

/** A file that could not be read, or whose hook failed after the last test, counts as one failure. */
function failuresIn(module) {
  const failures = testsOf(module).filter(isFailure).length;
  return failures === 0 && module.state() === "failed" ? 1 : failures;
}

/** A test that did not run has failed, unless `-t` left it out. */
function isFailure(test) {
  const state = stateOf(test);
  return state === "failed" || (state !== "passed" && !options.testNamePattern);
}

function testsOf(module) {
  return [...module.children.allTests()];
}

function stateOf(test) {
  return test.result().state;
}
