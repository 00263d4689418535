import { EXIT } from "../exit-codes.js";
import { progressBar } from "../progress-bar.js";
import { describeFinding } from "./describe-finding.js";
import { examinations, takeLook } from "./examine.js";
import type { Finding } from "./finding.js";

/** Prints what it finds, and ends the process: a plugin that was loaded may have begun what does not end. */
export async function doctor(env: NodeJS.ProcessEnv, json: boolean): Promise<never> {
  const findings = await asideFromOutput(() => examine(env));
  const ok = findings.every(({ state }) => state !== "ERROR");
  const text = json ? JSON.stringify({ ok, findings }, null, 2) : findings.map(describeFinding).join("\n");
  await new Promise((written) => process.stdout.write(`${text}\n`, written));
  process.exit(ok ? EXIT.DONE : EXIT.FAILED);
}

/** Has what plugins print at the start go to standard error: only findings are the result. */
async function asideFromOutput<Result>(work: () => Promise<Result>): Promise<Result> {
  const write = process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
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
