import { type Action, aToken } from "../stage.js";
import { weather } from "../weather.js";

const PATHS = [
  "/assets",
  "/assignments",
  "/users",
  "/client/config",
  "/assets/associate",
  "/assets/associate",
  "/assets/disassociate",
  "/assets/disassociate",
  "/users/create",
  "/users/retire",
  "/status",
] as const;

const READS: readonly string[] = ["/assets", "/assignments", "/users", "/status"];

/** What goes wrong between Apple and us, and with the token. */
export const disturbances: readonly Action[] = [
  {
    name: "refuse requests",
    weight: 8,
    run: async ({ control }, chance) => {
      const path = chance.one(PATHS);
      const errorNumber = chance.one([9603, 9644, 9646, 9729]);
      const count = chance.between(1, 3);
      await control("/fail-next", { path, errorNumber, count, retryAfter: 0 });
      return `${count} of ${path} with ${errorNumber}`;
    },
  },
  {
    name: "cut requests off",
    weight: 8,
    run: async ({ control }, chance) => {
      const path = chance.one(PATHS);
      const manner = chance.happens(0.5) ? "drop" : "afterEffect";
      const count = READS.includes(path) ? chance.between(1, 3) : 1;
      await control("/fail-next", { path, count, [manner]: true });
      return `${count} of ${path}, ${manner}`;
    },
  },
  {
    name: "fail an event",
    weight: 4,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const errorNumber = chance.one([9603, 9644]);
      const afterTasks = chance.one([0, 1, 3]);
      await apple.control("/fail-next-event", { errorNumber, afterTasks });
      return `${errorNumber} after ${afterTasks} tasks`;
    },
  },
  {
    name: "forget events",
    weight: 3,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      await apple.control("/forget-events");
      return "";
    },
  },
  {
    name: "forget versions",
    weight: 2,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      await apple.control("/forget-versions");
      return "";
    },
  },
  {
    name: "close for a while",
    weight: 3,
    run: async ({ control }, chance) => {
      const ms = chance.between(20, 200);
      const answer = chance.one([9729, 9644, "html"]);
      await control("/unavailable", { ms, answer, retryAfter: "none" });
      return `${ms} ms with ${answer}`;
    },
  },
  {
    name: "answer slowly",
    weight: 5,
    run: async ({ control }, chance) => {
      const ms = chance.one([0, 5, 15, 30]);
      await control("/slow", { ms });
      return `${ms} ms`;
    },
  },
  {
    name: "change the weather",
    weight: 4,
    run: async ({ control }, chance) => {
      const switches = weather(chance);
      await control("/switches", switches);
      return JSON.stringify(switches);
    },
  },
  {
    name: "repeat notifications",
    weight: 2,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const again = chance.one(["none", "lost", "delivered"]);
      await apple.control("/deliver-notifications", { again });
      return again;
    },
  },
  {
    name: "take over",
    weight: 3,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const id = `other-${chance.between(1, 3)}`;
      await apple.control("/take-over", { id, name: "Another MDM", metadata: "elsewhere.example" });
      return id;
    },
  },
  {
    name: "revoke the token",
    weight: 1,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      await apple.control("/revoke-token");
      return "";
    },
  },
  {
    name: "let the token only read",
    weight: 1,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      await apple.control("/token-kind", { kind: "readOnly" });
      return "";
    },
  },
];
