import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type AppleClient, createAppleClient } from "../../../src/sync/apple/apple-client.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { type SmallServer, startSmallServer } from "./small-server.js";

/** A token that any Apple which is not our simulator takes. */
export const access = { tokenId: "2f0c0f3e-0000-4000-8000-000000000001", text: "c2VjcmV0LXRva2Vu" };

/** What each page of a list of one page says beside its rows. */
export const page = { totalPages: 1, versionId: "v1" };

/** An app as Apple lists it. */
export const asset = {
  adamId: "1",
  pricingParam: "STDQ",
  productType: "App",
  totalCount: 5,
  assignedCount: 1,
  availableCount: 4,
  retiredCount: 0,
  deviceAssignable: true,
  revocable: true,
};

/** An Apple that answers what a test tells it to, and our client of it; both anew for each test of the file. */
export function foreignApple(): { readonly server: SmallServer; readonly client: AppleClient } {
  let database: TestDatabase;
  let server: SmallServer;
  let client: AppleClient;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    server = await startSmallServer();
    client = createAppleClient({
      baseUrl: server.baseUrl,
      dataSource: database.dataSource,
      clock: createSystemClock(1000),
      log: pino({ level: "silent" }),
    });
  });
  afterEach(async () => {
    await client.close();
    await server.close();
  });
  return {
    get server() {
      return server;
    },
    get client() {
      return client;
    },
  };
}
