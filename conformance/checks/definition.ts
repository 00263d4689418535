import assert from "node:assert/strict";
import { z } from "zod";
import { problemOfDefinition } from "../../src/plugins/contract.js";
import type { Check } from "../check.js";
import { secretsIn } from "../secrets.js";

export const definitionChecks: readonly Check[] = [
  {
    title: "is defined as the service accepts it",
    play: async ({ plugin }) => {
      const problem = problemOfDefinition(plugin);
      if (problem !== null) assert.fail(problem);
    },
  },
  {
    title: "takes the settings of its fake product, and no others",
    play: async ({ plugin, settings }) => {
      const given = settings();
      const read = plugin.settings.strict().safeParse(given);
      assert.ok(read.success, `The settings of the fake product do not fit: ${read.error?.message}`);
      const { properties = {} } = z.toJSONSchema(plugin.settings, { io: "input" });
      const unknown = Object.keys(given).filter((name) => !(name in properties));
      assert.deepEqual(unknown, [], "The form of the settings does not show these.");
    },
  },
  {
    title: "connects with the members that it declares, and no others",
    play: async (scene) => void (await scene.connect()),
  },
  {
    title: "says that installs can work where they can",
    play: async (scene) => {
      const connection = await scene.connect();
      const { ok, findings } = await scene.call("check", (signal) => connection.check(signal));
      assert.ok(ok, `\`check\` says that installs cannot work: ${JSON.stringify(findings)}`);
    },
  },
  {
    title: "marks as secret what it proves itself by",
    concerns: ({ abilities }) => abilities.network,
    play: async (scene) => {
      const connection = await scene.connect();
      await scene.call("check", (signal) => connection.check(signal));
      const secrets = secretsIn(scene.plugin, scene.settings());
      for (const { authorization } of scene.relay.requests) {
        const [scheme, proof = ""] = (authorization ?? "").split(" ");
        if (scheme?.toLowerCase() !== "basic" && scheme?.toLowerCase() !== "bearer") continue;
        const shown = [proof, Buffer.from(proof, "base64").toString("utf8")];
        const open = Object.entries(scene.settings()).filter(
          ([, value]) =>
            typeof value === "string" && !secrets.includes(value) && shown.some((text) => isProof(text, value)),
        );
        assert.deepEqual(
          open.map(([name]) => name),
          [],
          "These settings are sent as a proof; mark them with `secret()`.",
        );
      }
    },
  },
];

/** All of a token, or the password behind a name. */
function isProof(text: string, value: string): boolean {
  return text === value || text.endsWith(`:${value}`);
}
