import { z } from "zod";
import type { Abilities, Plugin, TargetConnection } from "../contract.js";
import { HOLDER_KINDS } from "./holders.js";
import { CONTRACT_VERSION } from "./version.js";

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

const ABILITIES: z.ZodType<Abilities> = z.strictObject({
  lists: z.array(z.enum(HOLDER_KINDS)),
  applications: z.boolean(),
  polls: z.boolean(),
  webhooks: z.array(z.enum(["holders", "statuses"])),
  invites: z.boolean().exactOptional(),
  inquires: z.boolean().exactOptional(),
  releases: z.boolean().exactOptional(),
  network: z.boolean(),
});

/**
 * What is wrong with a plugin's definition, as a sentence for the one who installs it; null when nothing is. A plugin
 * with a problem is refused at start.
 */
export function problemOfDefinition(plugin: Plugin): string | null {
  const unnamed = problemOfName(plugin.name);
  if (unnamed !== null) return unnamed;
  const problem = problemOfVersion(plugin) ?? problemOfSettings(plugin) ?? problemOfAbilities(plugin);
  return problem === null ? null : `The plugin "${plugin.name}" ${problem}`;
}

/** Why no plugin may be called so, as a sentence; null when one may. */
export function problemOfName(name: string): string | null {
  if (typeof name === "string" && NAME.test(name)) return null;
  return `The plugin name "${name}" is not usable: use 1 to 40 lower-case letters, digits and hyphens, a letter first.`;
}

/** Where a Connection is not what its plugin declares, as a sentence; null when it is. */
export function problemOfConnection(plugin: Plugin, connection: TargetConnection): string | null {
  const { lists, applications, webhooks, invites, inquires, releases } = plugin.abilities;
  const members = [
    ["check", true],
    ["apply", true],
    ["poll", true],
    ["listHolders", lists.length > 0],
    ["ensureApplication", applications],
    ["webhook", webhooks.length > 0],
    ["invite", invites === true],
    ["inquire", inquires === true],
    ["release", releases === true],
    ["licenses", plugin.licenseAuthority === "target"],
  ] as const;
  for (const [member, declared] of members) {
    const present = connection[member] != null;
    if (declared && !present) return `The plugin "${plugin.name}" declares \`${member}\`, which its connection lacks.`;
    if (!declared && present)
      return `The plugin "${plugin.name}" does not declare \`${member}\`, which its connection has.`;
  }
  return null;
}

function problemOfVersion({ contract, displayName, licenseAuthority, connect }: Plugin): string | null {
  if (contract !== CONTRACT_VERSION) {
    return `was made for contract ${contract}, and this release speaks contract ${CONTRACT_VERSION}: install a release of the plugin that fits.`;
  }
  if (typeof displayName !== "string" || displayName === "") return "must have a displayName.";
  if (licenseAuthority !== "service" && licenseAuthority !== "target") {
    return 'must declare its licenseAuthority as "service" or "target".';
  }
  return typeof connect === "function" ? null : "must have a function `connect`.";
}

function problemOfSettings({ settings }: Plugin): string | null {
  if (settings?._zod?.def?.type !== "object") return "must have settings made by `z.object` of zod 4.";
  try {
    z.toJSONSchema(settings, { io: "input" });
    return null;
  } catch (error) {
    return `has settings that no form can show: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function problemOfAbilities({ abilities, needsPublicUrl }: Plugin): string | null {
  const read = ABILITIES.safeParse(abilities);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `must declare its abilities: ${["abilities", ...(issue?.path ?? [])].join(".")}: ${issue?.message}.`;
  }
  const { lists, polls, webhooks, inquires } = read.data;
  if (new Set(lists).size < lists.length || new Set(webhooks).size < webhooks.length) {
    return "names one of its abilities twice.";
  }
  if (!lists.includes("device") && !webhooks.includes("holders")) {
    return "has no way to learn of devices: list them, or have the product's webhook tell of holders.";
  }
  if (!polls && !webhooks.includes("statuses")) {
    return "has no way to learn what became of an install: poll, or have the product's webhook tell of statuses.";
  }
  if (inquires && !webhooks.includes("holders"))
    return "asks devices what they are, but has no webhook to tell the answers.";
  if (needsPublicUrl && webhooks.length === 0) return "needs a public address, but has no webhook to be reached by.";
  return null;
}
