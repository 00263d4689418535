import { describe, expect, it } from "vitest";
import { chooseAccount } from "../../src/embedded-postgres/account.js";

const root = "root:x:0:0:root:/root:/bin/sh";
const nobody = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin";
const postgres = "postgres:x:101:104::/var/lib/postgresql:/bin/bash";

describe("the account root runs PostgreSQL as", () => {
  it("is postgres where there is one", () => {
    expect(chooseAccount([root, nobody, postgres].join("\n"))).toEqual({ name: "postgres", uid: 101, gid: 104 });
  });

  it("is nobody otherwise", () => {
    expect(chooseAccount([root, nobody, "postgres2:x:5:5:::"].join("\n"))).toEqual({
      name: "nobody",
      uid: 65534,
      gid: 65533,
    });
  });

  it("is never one with root's rights, nor one without an id", () => {
    expect(chooseAccount(["postgres:x:0:0:::", nobody].join("\n")).name).toBe("nobody");
    expect(chooseAccount(["postgres:x", nobody].join("\n")).name).toBe("nobody");
  });

  it("has to exist, or the message says what else can be done", () => {
    expect(() => chooseAccount(root)).toThrow(/DATABASE_URL/);
  });
});
