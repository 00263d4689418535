import type { Seen } from "./seen.js";
import type { Place, World } from "./world.js";

/** Apple and our database tell the same: each holding, and each app's counts. */
export function judgeAgreement({ apps }: World, { apple, ours }: Seen): string[] {
  const told = new Map(apple.licenses.map((place) => [nameOf(place), "HELD"]));
  const open = ours.licenses.filter(({ endedAt }) => endedAt === null);
  const stored = new Map(open.map((license) => [nameOf(license), license.state]));
  const faults = [...new Set([...told.keys(), ...stored.keys()])]
    .filter((name) => told.get(name) !== stored.get(name))
    .map((name) => `${name}: Apple has ${told.get(name) ?? "none"}, we have ${stored.get(name) ?? "none"}`);
  if (open.length !== stored.size) faults.push("a holder has two open licences of one app");
  for (const { app, total, assigned, held } of ours.apps) {
    const count = apple.licenses.filter((place) => place.app === app).length;
    const wanted = `${apps.get(app)?.total} bought, ${count} assigned, ${count} held`;
    const shown = `${total} bought, ${assigned} assigned, ${held} held`;
    if (shown !== wanted) faults.push(`${app}: we show ${shown}; there are ${wanted}`);
  }
  return faults;
}

export function nameOf({ app, kind, holder }: Place): string {
  return `${app} for ${kind.toLowerCase()} ${holder}`;
}
