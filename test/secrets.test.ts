import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AppError } from "../src/errors.js";
import { createSecretBox, type SecretPlace } from "../src/secrets.js";

const key = randomBytes(32);
const place: SecretPlace = { table: "token", column: "secret", row: "7" };
const plain = "a token's text, with ü and \u{1F511}";

function failure(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("expected an AppError");
}

describe("a secret box", () => {
  it.each(["", "x", plain, "y".repeat(100_000)])("opens what it sealed (sample %#)", (text) => {
    const box = createSecretBox([key]);
    expect(box.open(box.seal(text, place), place)).toBe(text);
  });

  it("shows nothing of the text, and seals it differently each time", () => {
    const box = createSecretBox([key]);
    const sealed = box.seal(plain, place);
    expect(sealed).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/);
    expect(Buffer.from(sealed, "base64url").toString()).not.toContain("token's");
    expect(box.seal(plain, place)).not.toBe(sealed);
  });

  it.each([
    ["table", { ...place, table: "target" }],
    ["column", { ...place, column: "other" }],
    ["row", { ...place, row: "8" }],
    ["table and column, joined alike", { ...place, table: "tokensecret", column: "" }],
  ])("refuses a text that was moved to another %s", (_, elsewhere) => {
    const box = createSecretBox([key]);
    const error = failure(() => box.open(box.seal(plain, place), elsewhere));
    expect(error.code).toBe("INTERNAL");
    expect(error.message).toContain("sealed for another place");
  });

  it("refuses a text in which any part was changed", () => {
    const box = createSecretBox([key]);
    const parts = box.seal(plain, place).split(".");
    for (const index of parts.keys()) {
      const changed = parts.map((part, at) => (at === index ? flipFirst(part) : part)).join(".");
      expect(failure(() => box.open(changed, place)).code).toBe("INTERNAL");
    }
  });

  it.each(["", "v1", "v1...", "plain text", "v2.a.b.c", "v1.a.b.c.d"])("refuses %j, which no box made", (text) => {
    expect(failure(() => createSecretBox([key]).open(text, place)).code).toBe("INTERNAL");
  });

  it("opens with an old key and seals with the new one, while both are given", () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const old = createSecretBox([older]).seal(plain, place);
    const box = createSecretBox([newer, older]);
    expect(box.open(old, place)).toBe(plain);
    const renewed = box.seal(plain, place);
    expect(createSecretBox([newer]).open(renewed, place)).toBe(plain);
    expect(failure(() => createSecretBox([older]).open(renewed, place)).message).toContain("ENCRYPTION_KEY");
  });

  it("derives for each purpose one secret, of its own and of 32 bytes, and another one for another first key", () => {
    const derive = (keys: readonly Uint8Array[], purpose: string) => createSecretBox(keys).derive(purpose);
    const secret = derive([key], "apple-notifications:1");
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(derive([key, randomBytes(32)], "apple-notifications:1")).toBe(secret);
    const others = [derive([key], "apple-notifications:2"), derive([randomBytes(32), key], "apple-notifications:1")];
    expect(new Set([secret, ...others, key.toString("base64url")]).size).toBe(4);
  });

  it("tells texts apart by digests that only its keys can make, with an old key, too", () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const digest = createSecretBox([older]).digest("7041");
    expect(digest).not.toContain(createHash("sha256").update("7041").digest("base64url"));
    expect(createSecretBox([newer]).digest("7041")).not.toBe(digest);
    const rotated = createSecretBox([newer, older]);
    expect([rotated.isDigest(digest, "7041"), rotated.isDigest(digest, "7042")]).toEqual([true, false]);
    expect(createSecretBox([newer]).isDigest(digest, "7041")).toBe(false);
    expect(rotated.isDigest("", "7041")).toBe(false);
  });

  it("keeps text and key out of its errors", () => {
    const box = createSecretBox([key]);
    const error = failure(() => box.open(box.seal(plain, place), { ...place, row: "8" }));
    const told = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(told).not.toContain("token's text");
    for (const encoding of ["hex", "base64", "base64url"] as const) expect(told).not.toContain(key.toString(encoding));
  });

  it.each([[[]], [[randomBytes(16)]], [[key, randomBytes(31)]]])(
    "refuses keys that are missing or of another length (%#)",
    (keys) => {
      expect(failure(() => createSecretBox(keys)).code).toBe("INTERNAL");
    },
  );
});

function flipFirst(part: string): string {
  return (part.startsWith("A") ? "B" : "A") + part.slice(1);
}
