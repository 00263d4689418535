import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isRestless } from "../deployments/restless-error.js";
import { changeText } from "./change-text.js";
import { MUTANTS, type Mutant } from "./mutants.js";
import { findWrong, type WrongHistory } from "./play.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a history is played with. */
const COPIED = ["src", "soak", "simulators", "test", "package.json", "tsconfig.json"];

/** How often the history that catches a mutant is played with every rule whole. */
const WHOLE_PLAYS = 3;

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

const chosen = MUTANTS.filter(({ rule }) => values.rule === undefined || String(rule) === values.rule);
const escaped: number[] = [];
for (const mutant of chosen) {
  const wrong = await judge(mutant);
  if (!wrong) escaped.push(mutant.rule);
  console.log(`rule ${mutant.rule} (${mutant.fault}): ${wrong ? tell(wrong) : "NOT CAUGHT"}`);
}
console.log(JSON.stringify({ seed: Number(values.seed), mutants: chosen.length, escaped }));
process.exit(escaped.length === 0 && chosen.length > 0 ? 0 : 1);

/**
 * Plays histories on a copy of everything with the rule broken, until one ends wrong that is right with the rule whole.
 * @returns null when no history noticed anything.
 */
async function judge(mutant: Mutant): Promise<WrongHistory | null> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-mutant-"));
  try {
    for (const name of COPIED) await cp(join(ROOT, name), join(directory, name), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
    await breakRule(directory, mutant);
    const wrong = await findWrong({ ...values, directory }, 0, Number(values.histories));
    if (wrong) await requireRight(wrong.history);
    return wrong;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @throws Error when the history is wrong with every rule whole, which may hang on the moment: it is played a few times. */
async function requireRight(history: number): Promise<void> {
  for (let play = 1; play <= WHOLE_PLAYS; play += 1) {
    const wrong = await findWrong({ ...values, directory: ROOT }, history, 1);
    if (wrong) throw new Error(`History ${history} is wrong with every rule whole: ${wrong.faults[0]}`);
  }
}

async function breakRule(directory: string, { changes }: Mutant): Promise<void> {
  for (const change of changes) {
    const path = join(directory, change.file);
    await writeFile(path, changeText(await readFile(path, "utf8"), change));
  }
}

/** By what names the fault, if anything does. */
function tell({ history, faults }: WrongHistory): string {
  return `caught by history ${history}: ${faults.find((fault) => !isRestless(fault)) ?? faults[0]}`;
}
