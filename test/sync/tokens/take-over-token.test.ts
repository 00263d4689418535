import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareTakeOver, takeOverToken } from "../../../src/sync/tokens/take-over-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

const VENDOR = { id: "other-mdm", name: "Other MDM", metadata: "x" };

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { users: 0, assigned: 0 } });
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  await world.control("/take-over", VENDOR);
});

afterEach(() => world.stop());

const takeOver = async () => {
  const prepared = await prepareTakeOver(world.core, tokenId);
  await world.core.dataSource.transaction((tx) => takeOverToken(tx, world.core, prepared));
};
const token = async () =>
  (
    await world.read<{ state: string; taking_over: string | null }>(
      "SELECT health_state AS state, taking_over FROM token",
    )
  )[0];
const claim = () => world.apple.world.locations[0]?.mdmInfo;

describe("a takeover", () => {
  it("is made up for when Apple's answer to the claim was lost", async () => {
    await takeOver();
    expect(claim()).toEqual(VENDOR);
    await world.control("/fail-next", { path: "/client/config", method: "POST", drop: true });
    await verifyToken(world.core, { tokenId });
    expect(await token()).toEqual({ state: "UNVERIFIED", taking_over: VENDOR.id });
    await verifyToken(world.core, { tokenId });
    expect(await token()).toEqual({ state: "ACTIVE", taking_over: null });
    expect(claim()?.name).toBe("Allotment");
  });

  it("writes over no other claim than the one that the admin saw", async () => {
    await takeOver();
    await world.control("/take-over", { ...VENDOR, id: "third-mdm" });
    await verifyToken(world.core, { tokenId });
    expect(await token()).toEqual({ state: "CLAIMED_ELSEWHERE", taking_over: null });
    expect(claim()?.id).toBe("third-mdm");
  });

  it("is over once Apple refuses the claim", async () => {
    await takeOver();
    await world.control("/fail-next", { path: "/client/config", method: "POST", errorNumber: 9637 });
    await verifyToken(world.core, { tokenId });
    expect(await token()).toEqual({ state: "READ_ONLY", taking_over: null });
  });

  it("is not stopped by answers that still show the other's claim", async () => {
    await takeOver();
    expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
    expect(await token()).toEqual({ state: "UNVERIFIED", taking_over: VENDOR.id });
  });

  it("is refused of a token that is not trusted yet, and twice", async () => {
    await takeOver();
    await expect(prepareTakeOver(world.core, tokenId)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("being taken over already"),
    });
    await world.read("UPDATE token SET distrusted_at = now(), taking_over = NULL");
    await expect(prepareTakeOver(world.core, tokenId)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("everything is read"),
    });
  });
});

describe("adopting holders", () => {
  const user = async (name: string, email: string | null, managedAppleId: string | null) => {
    const [row] = await world.read<{ id: string }>(
      `INSERT INTO "user" (id, principal_name, display_name, email, managed_apple_id, added_at)
       VALUES (gen_random_uuid(), $1, $1, $2, $3, now()) RETURNING id`,
      [name, email, managedAppleId],
    );
    return row?.id ?? "";
  };
  const registration = (
    clientUserId: string,
    email: string | null,
    userId: string | null = null,
    status = "ASSOCIATED",
  ) =>
    world.read(
      `INSERT INTO apple_user (token_id, client_user_id, email, user_id, status, added_at) VALUES ($1, $2, $3, $4, $5, now())`,
      [tokenId, clientUserId, email, userId, status],
    );

  it("links a registration to the one user it can be of, by either address in any letters", async () => {
    const byEmail = await user("ann", "Ann@Example.com", null);
    const byAccount = await user("bob", "bob@private.example", "bob@managed.example");
    await user("carl", "shared@example.com", null);
    await user("cora", null, "shared@example.com");
    const registered = await user("dora", "dora@example.com", null);
    const twice = await user("emil", "emil@example.com", "emil@managed.example");
    await registration("by-email", "ann@example.com");
    await registration("by-account", "BOB@managed.example");
    await registration("two-users", "shared@example.com");
    await registration("registered", "old@example.com", registered);
    await registration("registered-too", "dora@example.com");
    await registration("twice-1", "emil@example.com");
    await registration("twice-2", "emil@managed.example");
    await registration("retired", "ann@example.com", null, "RETIRED");
    await registration("nobody", "nobody@example.com");
    await registration("no-address", null);
    await takeOver();
    const linked = await world.read<{ client_user_id: string; user_id: string }>(
      "SELECT client_user_id, user_id FROM apple_user WHERE user_id IS NOT NULL ORDER BY client_user_id",
    );
    expect(linked).toEqual([
      { client_user_id: "by-account", user_id: byAccount },
      { client_user_id: "by-email", user_id: byEmail },
      { client_user_id: "registered", user_id: registered },
    ]);
    expect(linked.map(({ user_id }) => user_id)).not.toContain(twice);
  });

  it("links licences to devices that were not known when they were found", async () => {
    expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
    const [app] = await world.read<{ adam_id: string }>(
      "SELECT adam_id FROM store_app WHERE device_assignable LIMIT 1",
    );
    await world.control("/assign", { adamId: app?.adam_id, serialNumber: "newcomer0001" });
    expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
    const [device] = await world.read<{ id: string }>(
      "INSERT INTO device (id, serial, added_at) VALUES (gen_random_uuid(), 'NEWCOMER0001', now()) RETURNING id",
    );
    await takeOver();
    expect(await world.read("SELECT device_id FROM license")).toEqual([{ device_id: device?.id }]);
  });
});
