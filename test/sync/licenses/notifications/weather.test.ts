import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../../simulators/random.js";
import { holdersAtApple } from "../../../support/control-apple.js";
import { createWeatherWorld, type Weather, type WeatherWorld } from "./weather-world.js";

type Step = (world: WeatherWorld) => Promise<void>;

const STEPS = 30;
const NEW_APP = "6450000001";

/** What happens at Apple by other hands and by ours: the same for one seed, whatever we are notified of. */
function planSteps(seed: number): Step[] {
  const random = new SeededRandom(seed);
  const theirs: [app: number, serialNumber: string][] = [];
  let invited = 0;
  const step = (index: number): Step => {
    const app = random.integer(4);
    const serialNumber = `THEIRS${index}`;
    const control = (path: string, input: object): Step => {
      return async (world) => world.control(path, { adamId: world.adamIds[app], ...input });
    };
    switch (random.integer(9)) {
      case 0:
        return control("/purchase", { count: 1 + random.integer(5) });
      case 1:
        return control("/refund", { count: 1 + random.integer(3) });
      case 2:
        return control("/purchase", { adamId: NEW_APP, count: 1 });
      case 3:
      case 4:
        theirs.push([app, serialNumber]);
        return control("/assign", { serialNumber });
      case 5: {
        const [gone] = theirs.splice(random.integer(Math.max(1, theirs.length)), 1);
        if (!gone) return control("/purchase", { count: 1 });
        return (world) => world.control("/unassign", { adamId: world.adamIds[gone[0]], serialNumber: gone[1] });
      }
      case 6: {
        const clientUserId = `invited-${invited++}`;
        const accepts = random.next() < 0.7;
        return async (world) => {
          await world.control("/create-user", { clientUserId });
          if (accepts) await world.control("/accept-invitation", { clientUserId });
        };
      }
      default: {
        const serials = Array.from({ length: 1 + random.integer(3) }, (_, part) => `OURS${index}-${part}`);
        const lost = random.next() < 0.3;
        return async (world) => {
          if (lost) await world.control("/fail-next", { path: "/assets/associate", afterEffect: true });
          await world.claim(world.adamIds[app] ?? "", serials);
        };
      }
    }
  };
  return Array.from({ length: STEPS }, (_, index) => step(index));
}

function planWeather(seed: number): Weather {
  const random = new SeededRandom(seed, 1);
  return {
    notificationLoss: random.next() * 0.6,
    notificationDuplicates: random.next(),
    notificationDelayMs: random.integer(300),
    notificationReorder: random.next() < 0.7,
    notificationBeforeStatus: random.next() < 0.5,
    notificationRetryMs: 50,
  };
}

/** Everything that is so in the end, by what it is called at Apple. */
async function endState(world: WeatherWorld) {
  return {
    apps: await world.read(
      `SELECT adam_id, total_count, assigned_count, available_count, retired_count, held_count FROM store_app ORDER BY 1`,
    ),
    held: await world.read(
      `SELECT adam_id, holder_kind, holder_key, state FROM license JOIN store_app app ON app.token_id = license.token_id
       AND app.id = license.store_app_id WHERE license.ended_at IS NULL ORDER BY 1, 2, 3`,
    ),
    ours: await world.read(
      `SELECT holder_key, state, start_cause, end_cause FROM license WHERE holder_key LIKE 'OURS%' ORDER BY 1`,
    ),
    people: await world.read("SELECT client_user_id, status FROM apple_user ORDER BY 1, 2"),
    alerts: await world.read("SELECT kind, message FROM alert WHERE cleared_at IS NULL"),
  };
}

async function live(seed: number, weather: Weather | null) {
  const world = await createWeatherWorld(seed, weather);
  try {
    const random = new SeededRandom(seed, 2);
    for (const step of planSteps(seed)) {
      await step(world);
      if (random.next() < 0.2) await world.quiet();
    }
    await world.quiet();
    const [first, second] = await world.read<{ holder_key: string; adam_id: string }>(
      `SELECT holder_key, adam_id FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = store_app_id
       WHERE holder_key LIKE 'OURS%' ORDER BY 1 LIMIT 2`,
    );
    if (first) await world.giveBack([first.holder_key]);
    if (second) await world.control("/unassign", { adamId: second.adam_id, serialNumber: second.holder_key });
    await world.quiet();
    await world.control("/deliver-notifications", { again: "lost" });
    await world.control("/deliver-notifications", { again: "delivered" });
    await world.delta();
    const atApple = [...world.adamIds, NEW_APP].flatMap((adamId) =>
      holdersAtApple(world.apple, adamId).map((holder) => `${adamId} ${holder}`),
    );
    const received = await world.read<{ outcome: string | null }>("SELECT outcome FROM apple_notification");
    return { end: await endState(world), atApple, received: received.map(({ outcome }) => outcome) };
  } finally {
    await world.stop();
  }
}

describe("notifications that are lost, late, repeated and out of order", () => {
  it.each([1, 2, 3, 4])(
    "change nothing in the end, and what we did ourselves is never somebody else's (history %i)",
    async (seed) => {
      const [withThem, without] = await Promise.all([live(seed, planWeather(seed)), live(seed, null)]);
      expect(without.received).toEqual([]);
      expect(withThem.received.length).toBeGreaterThan(10);
      expect(withThem.received).not.toContain(null);
      expect(withThem.end).toEqual(without.end);
      const held = (withThem.end.held as { adam_id: string; holder_key: string }[]).map(
        ({ adam_id, holder_key }) => `${adam_id} ${holder_key}`,
      );
      expect(held.sort()).toEqual([...withThem.atApple].sort());
      const causes = (withThem.end.ours as { start_cause: string }[]).map(({ start_cause }) => start_cause);
      expect(new Set(causes)).toEqual(new Set(["DEPLOYMENT"]));
    },
    120_000,
  );
});
