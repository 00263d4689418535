import type { Plugin } from "../src/plugins/contract.js";
import type { Check } from "./check.js";
import { concurrencyChecks } from "./checks/concurrency.js";
import { credentialChecks } from "./checks/credentials.js";
import { definitionChecks } from "./checks/definition.js";
import { holderChecks } from "./checks/holders.js";
import { inquiryChecks } from "./checks/inquiries.js";
import { installChecks } from "./checks/installs.js";
import { invitationChecks } from "./checks/invitations.js";
import { licenseChecks } from "./checks/licenses.js";
import { lostAnswerChecks } from "./checks/lost-answers.js";
import { outageChecks } from "./checks/outages.js";
import { releaseChecks } from "./checks/releases.js";
import { statusChecks } from "./checks/statuses.js";
import { throttlingChecks } from "./checks/throttling.js";
import { webhookChecks } from "./checks/webhooks.js";
import type { StartFakeProduct } from "./fake-product.js";
import { LIMITS, type Limits } from "./limits.js";
import { inScene } from "./scene.js";

export type {
  EnrolledDevice,
  FakeCollection,
  FakeProduct,
  FakeProductOptions,
  StartFakeProduct,
} from "./fake-product.js";
export type { Limits } from "./limits.js";

export interface ConformanceOptions {
  readonly plugin: Plugin;
  /** Starts a product that speaks the protocol; each check has one of its own. */
  readonly product: StartFakeProduct;
  /** Where the kit is to be more or less patient than it is by itself. */
  readonly limits?: Partial<Limits>;
}

/** One promise of the contract, to be run by any test runner: it rejects, with a sentence, when the promise is not kept. */
export interface ConformanceTest {
  readonly title: string;
  run(): Promise<void>;
}

const CHECKS: readonly Check[] = [
  ...definitionChecks,
  ...credentialChecks,
  ...holderChecks,
  ...installChecks,
  ...statusChecks,
  ...webhookChecks,
  ...invitationChecks,
  ...inquiryChecks,
  ...licenseChecks,
  ...releaseChecks,
  ...concurrencyChecks,
  ...lostAnswerChecks,
  ...outageChecks,
  ...throttlingChecks,
];

/** All that the contract promises of this plugin; what it cannot do is read from its definition, and nothing is skipped. */
export function conformanceTests({ plugin, product, limits }: ConformanceOptions): ConformanceTest[] {
  const options = { plugin, product, limits: { ...LIMITS, ...limits } };
  return CHECKS.filter(({ concerns = () => true }) => concerns(plugin)).map(({ title, play }) => ({
    title,
    run: () => inScene(options, play),
  }));
}

/**
 * The same with a runner's own `test`, such as that of vitest or of `node:test`:
 * `describeConformance(test, { plugin, product })`.
 */
export function describeConformance(
  test: (title: string, run: () => Promise<void>) => unknown,
  options: ConformanceOptions,
): void {
  for (const { title, run } of conformanceTests(options)) test(title, run);
}
