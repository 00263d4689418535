import { describe, expect, it } from "vitest";
import { parseAppleDate } from "../../../src/sync/apple/apple-date.js";
import { endpointUrl } from "../../../src/sync/apple/endpoints.js";
import { describeErrorNumber } from "../../../src/sync/apple/error-numbers.js";
import { invitationUrl } from "../../../src/sync/apple/invitation-url.js";

describe("a date of Apple's", () => {
  it.each([
    ["2031-02-03T04:05:06+0000", "2031-02-03T04:05:06.000Z"],
    ["2031-02-03T04:05:06-0730", "2031-02-03T11:35:06.000Z"],
    ["2031-02-03T04:05:06+02:00", "2031-02-03T02:05:06.000Z"],
    ["2031-02-03T04:05:06Z", "2031-02-03T04:05:06.000Z"],
  ])("is read from %s", (text, iso) => {
    expect(parseAppleDate(text)?.toISOString()).toBe(iso);
  });

  it.each(["", "2031-02-03", "2031-02-30T00:00:00+0000", "2031-02-03 04:05:06+0000", "2031-13-01T00:00:00Z", "soon"])(
    "is not %j",
    (text) => {
      expect(parseAppleDate(text)).toBeNull();
    },
  );
});

describe("the address that is shown the token", () => {
  const [APPLE, OTHER] = ["https://vpp.itunes.apple.com/mdm/v2/", "https://vpp.example.com/mdm/v2/"];

  it.each([
    [
      "another host of Apple's from Apple's",
      APPLE,
      "https://apps.apple.com/v2/assets",
      "https://apps.apple.com/v2/assets",
    ],
    ["nobody else's host", APPLE, "https://apple.com.example.com/assets", `${APPLE}assets`],
    ["no unencrypted one", APPLE, "http://apps.apple.com/v2/assets", `${APPLE}assets`],
    ["a path of the configured server", OTHER, "/moved/assets", "https://vpp.example.com/moved/assets"],
    ["no host of Apple's from elsewhere", OTHER, "https://apps.apple.com/v2/assets", `${OTHER}assets`],
    ["the documented one where none is named", OTHER, undefined, `${OTHER}assets`],
    ["the documented one where what is named is none", OTHER, "https://", `${OTHER}assets`],
  ])("is %s", (_, baseUrl, named, url) => {
    const config = { urls: { getAssets: named } };
    expect(endpointUrl(config, baseUrl, "getAssets").href).toBe(url);
  });
});

describe("the address of an invitation", () => {
  it.each(["https://example.com/?code=%25inviteCode%25&x=1", "https://example.com/?code=%inviteCode%&x=1"])(
    "has the code in the place of %s",
    (template) => {
      expect(invitationUrl(template, "abc")).toBe("https://example.com/?code=abc&x=1");
    },
  );

  it("is missing without a code or a template", () => {
    expect([invitationUrl("https://example.com", null), invitationUrl(undefined, "abc")]).toEqual([null, null]);
  });
});

describe("an error number of Apple's", () => {
  it.each([
    [9621, "token"],
    [9622, "token"],
    [9646, "retryable"],
    [9729, "retryable"],
    [9709, "permanent"],
    [9815, "permanent"],
    [12345, "permanent"],
  ])("%d is %s, with a sentence and a remedy", (errorNumber, kind) => {
    const described = describeErrorNumber(errorNumber);
    expect(described.kind).toBe(kind);
    expect(described.detail).toMatch(/^[A-Z].*\.$/);
    expect(described.remedy).toMatch(/^[A-Z].*\.$/);
  });
});
