import type { Asset } from "../../../simulators/apple/asset.js";
import type { Assignment } from "../../../simulators/apple/assignments.js";
import type { Chance } from "../../chance.js";
import type { AppleSide } from "../apple-side.js";
import { type Action, aToken, type Stage } from "../stage.js";

/** The service's devices, the first of them: others may give them licences, too. */
const SERIALS_SQL = "SELECT serial FROM device WHERE serial IS NOT NULL ORDER BY serial LIMIT 40";

const FOREIGN_DEVICES = Array.from({ length: 30 }, (_, index) => `FOREIGN${String(index).padStart(4, "0")}`);

/** What people, another MDM and the store do at Apple without asking us. */
export const atApple: readonly Action[] = [
  {
    name: "buy",
    weight: 8,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const [asset] = chance.some(apple.location.assets.rows, 1);
      const isNew = !asset || chance.happens(0.2);
      const adamId = isNew ? String(6_450_000_000 + chance.between(1, 6)) : asset.item.adamId;
      const count = chance.between(1, 10);
      return told(await apple.control("/purchase", { adamId, count }), `${count} of ${adamId}`);
    },
  },
  {
    name: "refund",
    weight: 5,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const [asset] = chance.some(apple.location.assets.rows, 1);
      if (!asset) return "nothing";
      const count = chance.between(1, 3);
      return told(await apple.control("/refund", { ...asset.reference, count }), `${count} of ${asset.key}`);
    },
  },
  {
    name: "transfer",
    weight: 5,
    run: async (stage, chance) => {
      const [from, to] = chance.some(stage.tokens, 2).map(({ apple }) => apple.location);
      const [asset] = chance.some(from?.assets.rows.filter(({ room }) => room > 0) ?? [], 1);
      if (!from || !to || !asset) return "nothing";
      const count = chance.between(1, Math.min(asset.room, 5));
      const done = await stage.control("/transfer", {
        ...asset.reference,
        count,
        from: from.identity.uId,
        to: to.identity.uId,
      });
      return told(done, `${count} of ${asset.key} from ${from.identity.name} to ${to.identity.name}`);
    },
  },
  {
    name: "assign to devices",
    weight: 12,
    run: async (stage, chance) => {
      const ours = await stage.ours.rows<{ serial: string }>(SERIALS_SQL);
      const serials = chance.happens(0.3) ? ours.map(({ serial }) => serial) : FOREIGN_DEVICES;
      return assign(stage, aToken(stage, chance).apple, chance, "DEVICE", chance.some(serials, chance.between(1, 6)));
    },
  },
  {
    name: "assign to users",
    weight: 6,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      return assign(stage, apple, chance, "USER", chance.some(activeUsers(apple), chance.between(1, 4)));
    },
  },
  {
    name: "unassign",
    weight: 12,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const held = apple.location.assets.rows.filter(({ assignments }) => assignments.size > 0);
      if (held.length === 0) return "nothing";
      const asset = chance.one(held);
      const chosen = chance.some(
        [...asset.assignments].filter(({ removed }) => !removed),
        chance.between(1, 8),
      );
      return unassign(stage, apple, asset, chosen);
    },
  },
  {
    name: "create users",
    weight: 3,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
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
      const { apple } = aToken(stage, chance);
      const chosen = chance.some(activeUsers(apple), chance.between(1, 2));
      if (chosen.length === 0) return "nobody";
      const location = apple.location.identity.uId;
      for (const clientUserId of chosen) stage.hands.take({ location, holder: `USER:${clientUserId}` });
      const users = chosen.map((clientUserId) => ({ clientUserId }));
      return told(await apple.write("/users/retire", { users }), chosen.join(", "));
    },
  },
  {
    name: "accept invitations",
    weight: 6,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const waiting = [...apple.location.users.rows].filter(({ status }) => status === "Registered");
      const chosen = chance.some(waiting, chance.between(1, 3));
      for (const { clientUserId } of chosen) await apple.control("/accept-invitation", { clientUserId });
      return `${chosen.length}`;
    },
  },
  {
    name: "withdraw an app",
    weight: 2,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const [asset] = chance.some(apple.location.assets.rows, 1);
      if (!asset) return "nothing";
      stage.hands.take({ location: apple.location.identity.uId, app: asset.key });
      return told(await apple.control("/remove-app", asset.reference), asset.key);
    },
  },
  {
    name: "bring apps back",
    weight: 3,
    run: async (stage, chance) => {
      const { apple } = aToken(stage, chance);
      const chosen = chance.some(KNOWN_APPS, 3);
      for (const adamId of chosen) {
        stage.hands.give({ location: apple.location.identity.uId, app: `${adamId}:STDQ` });
        await apple.control("/restore-app", { adamId });
      }
      return chosen.join(", ");
    },
  },
];

const KNOWN_APPS = Array.from({ length: 12 }, (_, index) => String(6_440_000_001 + index));

function activeUsers({ location }: AppleSide): string[] {
  return [...location.users.rows].filter(({ status }) => status !== "Retired").map((user) => user.clientUserId);
}

/** By hand on Apple's site, or by another MDM, whose writes end when Apple gets round to them. */
async function assign(
  { hands }: Stage,
  { location, control, write }: AppleSide,
  chance: Chance,
  kind: "DEVICE" | "USER",
  keys: readonly string[],
): Promise<string> {
  if (keys.length === 0) return "nobody";
  const [chosen] = chance.some(
    location.assets.rows.filter(({ room }) => room >= keys.length),
    1,
  );
  if (!chosen) return "no app has enough licences";
  const { key: app, reference } = chosen;
  const holders = kind === "DEVICE" ? { serialNumbers: keys } : { clientUserIds: keys };
  for (const key of keys) hands.give({ location: location.identity.uId, app, holder: `${kind}:${key}` });
  const done = chance.happens(0.5)
    ? await write("/assets/associate", { assets: [reference], ...holders })
    : await control("/assign", { ...reference, ...holders });
  return told(done, `${app} to ${keys.join(", ")}`);
}

async function unassign(
  { hands }: Stage,
  { location, control }: AppleSide,
  { key: app, reference }: Asset,
  chosen: readonly Assignment[],
): Promise<string> {
  if (chosen.length === 0) return "nothing";
  const serialNumbers = chosen.flatMap(({ holder }) => (holder.kind === "device" ? holder.serialNumber : []));
  const clientUserIds = chosen.flatMap(({ holder }) =>
    holder.kind === "user" && holder.status !== "Retired" ? holder.clientUserId : [],
  );
  const holders = [
    ...serialNumbers.map((serial) => `DEVICE:${serial}`),
    ...clientUserIds.map((clientUserId) => `USER:${clientUserId}`),
  ];
  for (const holder of holders) hands.take({ location: location.identity.uId, app, holder });
  const input = { ...reference, serialNumbers, clientUserIds };
  return told(await control("/unassign", input), `${app} from ${holders.join(", ")}`);
}

function distinct<User extends { clientUserId: string }>(users: readonly User[]): User[] {
  return [...new Map(users.map((user) => [user.clientUserId, user])).values()];
}

function told(done: boolean, what: string): string {
  return done ? what : `${what}: refused`;
}
