import axe from "axe-core";
import type { Page } from "playwright-core";

/** What of WCAG 2.2 AA, and of axe's own good practice, a page as it is shown now does not meet: a rule and where, a line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
