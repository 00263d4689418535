import type { Asset } from "../../simulators/apple/asset.js";
import type { Assignment } from "../../simulators/apple/assignments.js";
import type { Chance } from "../chance.js";
import type { Action, Stage } from "../stage.js";

/** The service's devices, the first of them: others may give them licences, too. */
const SERIALS_SQL = "SELECT serial FROM device WHERE serial IS NOT NULL ORDER BY serial LIMIT 40";

const FOREIGN_DEVICES = Array.from({ length: 30 }, (_, index) => `FOREIGN${String(index).padStart(4, "0")}`);

/** What people, another MDM and the store do at Apple without asking us. */
export const atApple: readonly Action[] = [
  {
    name: "buy",
    weight: 8,
    run: async ({ apple }, chance) => {
      const isNew = chance.happens(0.2);
      const adamId = isNew ? String(6_450_000_000 + chance.between(1, 6)) : anAsset(apple, chance).item.adamId;
      const count = chance.between(1, 10);
      return told(await apple.control("/purchase", { adamId, count }), `${count} of ${adamId}`);
    },
  },
  {
    name: "refund",
    weight: 5,
    run: async ({ apple }, chance) => {
      const { item, pricingParam } = anAsset(apple, chance);
      const count = chance.between(1, 3);
      return told(
        await apple.control("/refund", { adamId: item.adamId, pricingParam, count }),
        `${count} of ${item.adamId}`,
      );
    },
  },
  {
    name: "assign to devices",
    weight: 12,
    run: async (stage, chance) => {
      const ours = await stage.ours.rows<{ serial: string }>(SERIALS_SQL);
      const serials = chance.happens(0.3) ? ours.map(({ serial }) => serial) : FOREIGN_DEVICES;
      return assign(stage, chance, "DEVICE", chance.some(serials, chance.between(1, 6)));
    },
  },
  {
    name: "assign to users",
    weight: 6,
    run: async (stage, chance) => assign(stage, chance, "USER", chance.some(activeUsers(stage), chance.between(1, 4))),
  },
  {
    name: "unassign",
    weight: 12,
    run: async (stage, chance) => {
      const held = [...stage.apple.location.assets.rows].filter(({ assignments }) => assignments.size > 0);
      if (held.length === 0) return "nothing";
      const asset = chance.one(held);
      const chosen = chance.some(
        [...asset.assignments].filter(({ removed }) => !removed),
        chance.between(1, 8),
      );
      return unassign(stage, asset, chosen);
    },
  },
  {
    name: "create users",
    weight: 3,
    run: async ({ apple }, chance) => {
      const users = Array.from({ length: chance.between(1, 4) }, () => ({
        clientUserId: `foreign-${chance.between(1, 10_000)}`,
        email: "someone@elsewhere.example",
      }));
      return told(await apple.write("/users/create", { users: distinct(users) }), `${users.length}`);
    },
  },
  {
    name: "retire users",
    weight: 4,
    run: async (stage, chance) => {
      const chosen = chance.some(activeUsers(stage), chance.between(1, 2));
      if (chosen.length === 0) return "nobody";
      for (const clientUserId of chosen) stage.hands.take({ holder: `USER:${clientUserId}` });
      const users = chosen.map((clientUserId) => ({ clientUserId }));
      return told(await stage.apple.write("/users/retire", { users }), chosen.join(", "));
    },
  },
  {
    name: "accept invitations",
    weight: 6,
    run: async ({ apple }, chance) => {
      const waiting = [...apple.location.users.rows].filter(({ status }) => status === "Registered");
      const chosen = chance.some(waiting, chance.between(1, 3));
      for (const { clientUserId } of chosen) await apple.control("/accept-invitation", { clientUserId });
      return `${chosen.length}`;
    },
  },
  {
    name: "withdraw an app",
    weight: 2,
    run: async ({ apple, hands }, chance) => {
      const { item, pricingParam, key } = anAsset(apple, chance);
      hands.take({ app: key });
      return told(await apple.control("/remove-app", { adamId: item.adamId, pricingParam }), key);
    },
  },
  {
    name: "bring apps back",
    weight: 3,
    run: async ({ apple, hands }, chance) => {
      const chosen = chance.some(KNOWN_APPS, 3);
      for (const adamId of chosen) {
        hands.give({ app: `${adamId}:STDQ` });
        await apple.control("/restore-app", { adamId });
      }
      return chosen.join(", ");
    },
  },
];

const KNOWN_APPS = Array.from({ length: 12 }, (_, index) => String(6_440_000_001 + index));

function anAsset({ location }: Stage["apple"], chance: Chance): Asset {
  return chance.one([...location.assets.rows]);
}

function activeUsers({ apple }: Stage): string[] {
  return [...apple.location.users.rows].filter(({ status }) => status !== "Retired").map((user) => user.clientUserId);
}

/** By hand on Apple's site, or by another MDM, whose writes end when Apple gets round to them. */
async function assign(
  { apple, hands }: Stage,
  chance: Chance,
  kind: "DEVICE" | "USER",
  keys: readonly string[],
): Promise<string> {
  if (keys.length === 0) return "nobody";
  const roomy = [...apple.location.assets.rows].filter(({ room }) => room >= keys.length);
  if (roomy.length === 0) return "no app has enough licences";
  const { item, pricingParam, key } = chance.one(roomy);
  const holders = kind === "DEVICE" ? { serialNumbers: keys } : { clientUserIds: keys };
  for (const holder of keys) hands.give({ app: key, holder: `${kind}:${holder}` });
  const asset = { adamId: item.adamId, pricingParam };
  const done = chance.happens(0.5)
    ? await apple.write("/assets/associate", { assets: [asset], ...holders })
    : await apple.control("/assign", { ...asset, ...holders });
  return told(done, `${key} to ${keys.join(", ")}`);
}

async function unassign({ apple, hands }: Stage, asset: Asset, chosen: readonly Assignment[]): Promise<string> {
  if (chosen.length === 0) return "nothing";
  const serialNumbers = chosen.flatMap(({ holder }) => (holder.kind === "device" ? holder.serialNumber : []));
  const clientUserIds = chosen.flatMap(({ holder }) =>
    holder.kind === "user" && holder.status !== "Retired" ? holder.clientUserId : [],
  );
  const holders = [
    ...serialNumbers.map((serial) => `DEVICE:${serial}`),
    ...clientUserIds.map((clientUserId) => `USER:${clientUserId}`),
  ];
  for (const holder of holders) hands.take({ app: asset.key, holder });
  const { item, pricingParam } = asset;
  const input = { adamId: item.adamId, pricingParam, serialNumbers, clientUserIds };
  return told(await apple.control("/unassign", input), `${asset.key} from ${holders.join(", ")}`);
}

function distinct<User extends { clientUserId: string }>(users: readonly User[]): User[] {
  return [...new Map(users.map((user) => [user.clientUserId, user])).values()];
}

function told(done: boolean, what: string): string {
  return done ? what : `${what}: refused`;
}
