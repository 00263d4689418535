import { describe, expect, it } from "vitest";
import { forecastText } from "../../web/report/forecast-text.js";

const HOUR_MS = 60 * 60_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

describe("where the stock is heading, in a sentence", () => {
  it.each([
    ["somebody waits", { free: 0, waiting: 2 }, "None is free, and somebody waits."],
    ["nobody waits", { free: 0, waiting: 0 }, "None is free, and nobody waits."],
  ])("when none is free and %s", (_, stock, text) => {
    expect(forecastText({ perDay: 3, basedOnDays: 30, endsAt: inHours(0) }, stock)).toBe(text);
  });

  it("when the last free ones go today, which is not yet", () => {
    const text = forecastText({ perDay: 3, basedOnDays: 30, endsAt: inHours(16) }, { free: 2, waiting: 0 });
    expect(text).toContain("3 more licences were wanted each day: the last free licence goes today");
  });

  it("when it lasts, and when too little is known", () => {
    const stock = { free: null, waiting: 0 };
    expect(forecastText({ perDay: -1, basedOnDays: 30, endsAt: null }, stock)).toMatch(
      /1 fewer .*: the licences last\.$/,
    );
    expect(forecastText({ perDay: null, basedOnDays: 1, endsAt: null }, stock)).toMatch(/one day is known/);
  });
});
