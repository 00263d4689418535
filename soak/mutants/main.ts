import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MUTANTS, type Mutant } from "./mutants.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a history is played with. */
const COPIED = ["src", "soak", "simulators", "test", "package.json", "tsconfig.json"];

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    /** The most that are played before a mutant counts as not caught. */
    histories: { type: "string", default: "120" },
    parallel: { type: "string", default: "2" },
    /** One rule's number; left out, all. */
    rule: { type: "string" },
  },
});

interface Verdict {
  readonly rule: number;
  /** Null when no history noticed anything. */
  readonly caughtBy: { readonly seed: number; readonly history: number; readonly fault: string } | null;
}

const chosen = MUTANTS.filter(({ rule }) => values.rule === undefined || String(rule) === values.rule);
const verdicts: Verdict[] = [];
for (const mutant of chosen) {
  const verdict = await judge(mutant);
  verdicts.push(verdict);
  const { caughtBy } = verdict;
  const told = caughtBy ? `caught by history ${caughtBy.history}: ${caughtBy.fault}` : "NOT CAUGHT";
  console.log(`rule ${mutant.rule} (${mutant.fault}): ${told}`);
}
const escaped = verdicts.filter(({ caughtBy }) => caughtBy === null).map(({ rule }) => rule);
console.log(JSON.stringify({ seed: Number(values.seed), mutants: verdicts.length, escaped }));
process.exit(escaped.length === 0 && verdicts.length > 0 ? 0 : 1);

/** Plays histories on a copy of everything with the rule broken, until one ends wrong that is right with the rule whole. */
async function judge(mutant: Mutant): Promise<Verdict> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-mutant-"));
  try {
    for (const name of COPIED) await cp(join(ROOT, name), join(directory, name), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
    await change(directory, mutant);
    const caughtBy = await firstWrong(directory, ["--histories", values.histories]);
    const blame = caughtBy && (await firstWrong(ROOT, ["--histories", "1", "--first", String(caughtBy.history)]));
    if (blame) throw new Error(`History ${blame.history} is wrong with every rule whole: ${blame.fault}`);
    return { rule: mutant.rule, caughtBy };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function change(directory: string, { rule, changes }: Mutant): Promise<void> {
  for (const { file, text, becomes } of changes) {
    const path = join(directory, file);
    const before = await readFile(path, "utf8");
    const parts = before.split(text);
    if (parts.length !== 2) {
      throw new Error(
        `The mutant of rule ${rule} does not fit ${file} any more: ${text} is there ${parts.length - 1} times`,
      );
    }
    await writeFile(path, parts.join(becomes));
  }
}

async function firstWrong(directory: string, which: readonly string[]): Promise<Verdict["caughtBy"]> {
  const words = ["--kind", "deployments", "--until-wrong", "--seed", values.seed, ...which];
  const child = spawn(process.execPath, ["--import", "tsx", "soak/main.ts", ...words, "--parallel", values.parallel], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, "close");
  const wrong = /^history (\d+): WRONG.*\n {2}(.*)$/m.exec(output);
  if (child.exitCode !== 0 && !wrong) throw new Error(`The histories could not be played:\n${output}`);
  return wrong ? { seed: Number(values.seed), history: Number(wrong[1]), fault: wrong[2] ?? "" } : null;
}
