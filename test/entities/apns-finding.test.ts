import { describe, expect, test } from "vitest";
import { apnsFinding } from "../../src/entities/apns-finding.js";
import { ApnsState } from "../../src/entities/target.js";

const NOW = new Date("2026-03-01T00:00:00Z");
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

describe("What there is to say of an APNs certificate", () => {
  test.each([
    ["valid for more than 30 days", ApnsState.VALID, inDays(30.1), null],
    ["valid without a date", ApnsState.VALID, null, null],
    ["of which the MDM does not tell", ApnsState.NOT_REPORTED, null, null],
    ["that nobody has asked for", ApnsState.UNCHECKED, null, null],
    ["valid for 30 days", ApnsState.VALID, inDays(30), { severity: "warning", code: "APNS_EXPIRES" }],
    ["that ends now, whatever the last check said", ApnsState.VALID, NOW, { severity: "error", code: "APNS_EXPIRED" }],
    ["that has expired", ApnsState.EXPIRED, null, { severity: "error", code: "APNS_EXPIRED" }],
    ["that is missing", ApnsState.MISSING, null, { severity: "error", code: "APNS_MISSING" }],
  ])("%s", (_, apnsState, apnsExpiresAt, expected) => {
    const finding = apnsFinding({ name: "Main", apnsState, apnsExpiresAt }, NOW);
    if (expected === null) return expect(finding).toBeNull();
    expect(finding).toMatchObject({
      ...expected,
      message: expect.stringContaining("Main"),
      remedy: expect.any(String),
    });
  });
});
