import type { AppleSimulator } from "../../simulators/apple/start-apple-simulator.js";

/** One POST to the simulator's control plane, e.g. `controlApple(apple, "/purchase", { adamId, count: 2 })`. */
export async function controlApple(
  apple: AppleSimulator,
  call: string,
  input: Record<string, unknown> = {},
): Promise<void> {
  const answer = await fetch(`${apple.controlUrl}${call}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${call}: ${await answer.text()}`);
}

/** The requests so far that were to change something at Apple, as `path` without its query. */
export function postsTo(apple: AppleSimulator): string[] {
  return apple.world.requests.entries
    .filter((request) => request.method === "POST")
    .map((request) => request.path.replace(/^.*\/mdm\/v2/, "").replace(/\?.*/, ""));
}

/** Who holds an app at Apple itself, as Apple spells it, whatever the service believes. */
export function holdersAtApple(apple: AppleSimulator, adamId: string): string[] {
  return [...(apple.world.locations[0]?.assignments.rows ?? [])]
    .filter(({ asset, removed }) => asset.item.adamId === adamId && !removed)
    .map(({ holder }) => (holder.kind === "device" ? holder.serialNumber : holder.clientUserId))
    .sort();
}
