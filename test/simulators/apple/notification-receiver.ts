import { createServer, type IncomingHttpHeaders } from "node:http";
import { expect, onTestFinished } from "vitest";
import { close } from "../../../simulators/http/close.js";
import { listen } from "../../../simulators/http/listen.js";
import { readBody } from "../../../simulators/http/read-body.js";
import type { AppleCaller } from "./apple-caller.js";

export interface ReceivedNotification {
  headers: IncomingHttpHeaders;
  body: {
    notificationId: string;
    notificationType: string;
    uId: string;
    notification: {
      [field: string]: unknown;
      type?: string;
      eventId?: string;
      result?: string;
      assignments?: Record<string, unknown>[];
      users?: Record<string, unknown>[];
    };
  };
}

export interface NotificationReceiver {
  url: string;
  /** In the order of arrival. */
  received: ReceivedNotification[];
  /** The status it answers from now on. */
  answer(status: number): void;
  /** What arrived of that type, once there are so many. */
  arrived(type: string, count: number): Promise<ReceivedNotification[]>;
}

/** Somebody to whom notifications can be sent; gone when the test ends. */
export async function startReceiver(status = 200, headers: Record<string, string> = {}): Promise<NotificationReceiver> {
  const received: ReceivedNotification[] = [];
  let answered = status;
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: JSON.parse(await readBody(request)) });
    response.writeHead(answered, headers).end();
  });
  const origin = await listen(server, "127.0.0.1", 0);
  onTestFinished(() => close(server));
  const ofType = (type: string) => received.filter(({ body }) => body.notificationType === type);
  return {
    url: `${origin}/notifications/1`,
    received,
    answer: (next) => {
      answered = next;
    },
    arrived: async (type, count) => {
      await expect.poll(() => ofType(type).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
      return ofType(type);
    },
  };
}

const everyType = ["ASSET_COUNT", "ASSET_MANAGEMENT", "USER_MANAGEMENT", "USER_ASSOCIATED"];

/** Subscribes a receiver of its own; the test notification has arrived then. */
export async function subscribe(caller: AppleCaller, types = everyType): Promise<NotificationReceiver> {
  const receiver = await startReceiver();
  await caller.control("/switches", { plainNotifications: true });
  const { status } = await caller.post("/client/config", {
    notificationUrl: receiver.url,
    notificationAuthToken: "secret-1",
    notificationTypes: types,
  });
  expect(status).toBe(200);
  return receiver;
}

/** How the first location's notifications fared. */
export async function notificationCounts(caller: AppleCaller): Promise<Record<string, unknown>> {
  const { locations } = (await caller.state()) as { locations: { notifications: Record<string, unknown> }[] };
  return locations[0]?.notifications ?? {};
}
