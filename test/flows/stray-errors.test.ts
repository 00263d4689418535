import { afterAll, beforeAll, expect, test } from "vitest";
import { startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { createTestDatabase } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { testEnvironment } from "../support/service.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";
import { addTarget, importHolders } from "./story.js";

let service: ServiceProcess;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  const database = await createTestDatabase();
  stops.push(database.drop);
  const apple = await startAppleSimulator({ apps: 1, licenses: 1 });
  stops.push(apple.stop);
  service = await startServiceProcess({
    ...testEnvironment(database.url, apple.baseUrl),
    ALLOTMENT_PLUGINS: "./test/support/plugins/stray-thrower.ts",
  });
  stops.push(service.kill);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

interface Circuit {
  readonly consecutiveFailures: number;
  readonly lastError: string | null;
}

async function circuitOf(target: string): Promise<Circuit> {
  const query = "query ($target: ID!) { target(id: $target) { circuit { consecutiveFailures lastError } } }";
  return (await service.api.ask<{ target: { circuit: Circuit } }>(query, { target })).target.circuit;
}

test.each(["timer", "promise", "socket", "interval"])(
  "what a plugin from outside throws where nobody waits for it is its target's failure, and stops no other: %s",
  async (stray) => {
    const target = await addTarget(service.api, "stray-thrower", { stray }, `throws by ${stray}`);
    await service.api.ask("mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", {
      target,
    });
    let seen: unknown;
    await eventually(
      async () => {
        const circuit = await circuitOf(target);
        seen = circuit;
        // The call that fails, and what is thrown beside it; which comes first is a matter of luck.
        return circuit.consecutiveFailures >= 2 ? true : null;
      },
      () => seen,
    );
    const other = await addTarget(service.api, "mock", { world: stray }, `beside ${stray}`);
    await importHolders(service.api, other);
    expect(await circuitOf(other)).toEqual({ consecutiveFailures: 0, lastError: null });
  },
);
