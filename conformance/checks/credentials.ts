import assert from "node:assert/strict";
import type { CheckResult } from "../../src/plugins/contract.js";
import { callsOf, isPutOff, requestsOf } from "../calls.js";
import { type Check, overNetwork } from "../check.js";
import type { Ending, Scene } from "../scene.js";
import { secretsIn, withWrongSecrets } from "../secrets.js";

export const credentialChecks: readonly Check[] = [
  {
    title: "calls wrong secrets a fault of the settings",
    concerns: overNetwork,
    play: async (scene) => {
      const wrong = withWrongSecrets(scene.plugin, scene.settings());
      if (wrong === null) return;
      const ending = await scene.attempt("check", async (signal) => (await scene.connect(wrong)).check(signal));
      assert.equal(kindOf(ending), "config", "With wrong secrets `check` has to fail by a PluginError `config`.");
    },
  },
  {
    title: "calls it a fault of the settings when the product knows it no more (401)",
    concerns: overNetwork,
    play: (scene) =>
      eachCall(scene, 401, (title, ending) => {
        assert.equal(kindOf(ending), "config", `\`${title}\` has to fail by a PluginError \`config\` at a 401.`);
      }),
  },
  {
    title: "calls it a fault of the settings or the product's no when something is forbidden (403)",
    concerns: overNetwork,
    play: (scene) =>
      eachCall(scene, 403, (title, ending, isToldOtherwise) => {
        const isTold = ["config", "rejected"].includes(kindOf(ending)) || isToldOtherwise;
        assert.ok(
          isTold,
          `\`${title}\` has to tell of a 403 by \`config\`, \`rejected\`, or as its outcome: ${kindOf(ending)}.`,
        );
      }),
  },
  {
    title: "gives no secret away, whatever the product answers",
    concerns: overNetwork,
    play: async (scene) => {
      for (const call of await callsOf(scene)) {
        for (const status of [200, 400, 401, 409, 500]) {
          scene.relay.fail({ kind: "echo", status });
          await scene.attempt(call.title, async (signal) => call.run(await scene.connect(), signal));
        }
        scene.relay.fail(null);
      }
      const wrong = withWrongSecrets(scene.plugin, scene.settings());
      if (wrong) await scene.attempt("check", async (signal) => (await scene.connect(wrong)).check(signal));
      const proofs = scene.relay.requests.map(({ authorization }) => authorization?.split(" ")[1] ?? "");
      const secrets = [
        ...secretsIn(scene.plugin, scene.settings()),
        ...(wrong ? secretsIn(scene.plugin, wrong) : []),
        ...proofs.filter((proof) => proof !== ""),
      ];
      const said = scene.said();
      for (const secret of new Set(secrets)) {
        const at = said.indexOf(secret);
        assert.equal(at, -1, `A secret is given away: …${said.slice(Math.max(at - 120, 0), at)}<the secret>`);
      }
    },
  },
];

/** Has the product answer everything with this status, before and after the connection has been of use. */
async function eachCall(
  scene: Scene,
  status: number,
  judge: (title: string, ending: Ending<unknown>, isToldOtherwise: boolean) => void,
): Promise<void> {
  for (const call of await callsOf(scene)) {
    const warm = await scene.connect();
    const calm = await requestsOf(scene, () => scene.call(call.shape, (signal) => call.run(warm, signal)));
    if (calm === 0) continue;
    scene.relay.fail({ kind: "answer", status, headers: { "content-type": "application/json" }, body: "{}" });
    for (const connect of [async () => warm, () => scene.connect()]) {
      let ending: Ending<unknown> | null = null;
      const requests = await requestsOf(scene, async () => {
        ending = await scene.attempt(call.title, async (signal) => call.run(await connect(), signal));
      });
      if (requests > 0 && ending !== null) judge(call.title, ending, isTold(call, ending));
    }
    scene.relay.fail(null);
  }
}

function isTold(call: Parameters<typeof isPutOff>[0], ending: Ending<unknown>): boolean {
  if (!ending.ok) return false;
  if (call.shape === "check") return !(ending.value as CheckResult).ok;
  return isPutOff(call, ending.value, true);
}

function kindOf(ending: Ending<unknown>): string {
  return ending.ok ? "no error" : ending.error.kind;
}
