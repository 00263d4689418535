import { EXIT } from "../exit-codes.js";
import { progressBar } from "../progress-bar.js";
import { describeFinding } from "./describe-finding.js";
import { examinations, takeLook } from "./examine.js";
import type { Finding } from "./finding.js";

/** Prints what it finds. */
export async function doctor(env: NodeJS.ProcessEnv, json: boolean): Promise<void> {
  const findings = await examine(env);
  const ok = findings.every(({ state }) => state !== "ERROR");
  if (json) console.log(JSON.stringify({ ok, findings }, null, 2));
  else for (const finding of findings) console.log(describeFinding(finding));
  process.exitCode = ok ? EXIT.DONE : EXIT.FAILED;
}

/** Looks at everything, and prints nothing but how far it has come. */
export async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const parts = examinations(env);
  const findings: Finding[] = [];
  const bar = progressBar("Looking", "parts");
  try {
    for (const [index, part] of parts.entries()) {
      bar.update(index, parts.length, part.name);
      findings.push(...(await takeLook(part)));
    }
  } finally {
    bar.stop();
  }
  return findings;
}
