import { areaY, axisX, axisY, gridY, line, plot, pointerX, ruleX, ruleY, text, tip } from "@observablehq/plot";
import { formatCount, formatDay } from "./format.js";
import type { Forecast, HistoryDay } from "./queries.js";

const DAY_MS = 24 * 60 * 60_000;
/** The forecast is drawn no further than that, nor further than the past is shown. */
const MOST_DAYS_AHEAD = 90;

interface Drawn {
  readonly day: Date;
  readonly bought: number | null;
  readonly assigned: number;
  readonly free: number | null;
  readonly waiting: number;
  readonly wanted: number;
}

interface Frame {
  readonly width: number;
  readonly label: string;
}

/** The chart as SVG: its colours come from the style sheet, so that it follows light, dark and print. */
export function plotHistory(history: readonly HistoryDay[], forecast: Forecast, { width, label }: Frame): Element {
  const days = history.map(drawn);
  const ahead = aheadOf(days, forecast);
  const end = forecast.endsAt === null ? null : new Date(forecast.endsAt);
  const last = ahead.at(-1)?.day;
  const chart = plot({
    width,
    height: Math.round(Math.min(280, Math.max(200, width / 3))),
    marginLeft: 56,
    className: "history",
    ariaLabel: label,
    x: { type: "utc" },
    y: { nice: true, zero: true },
    marks: [
      gridY({ className: "grid" }),
      ruleY([0], { className: "grid" }),
      axisX({ label: null, tickSize: 3, ticks: Math.max(2, Math.floor(width / 110)) }),
      axisY({ tickSize: 0, label: "licences", tickFormat: (count: number) => (count % 1 ? "" : formatCount(count)) }),
      areaY(days, { x: "day", y: "assigned", curve: "step-after", className: "area-used" }),
      line(
        days.filter(({ bought }) => bought !== null),
        { x: "day", y: "bought", curve: "step-after", className: "line-bought" },
      ),
      line(days, { x: "day", y: "assigned", curve: "step-after", className: "line-used" }),
      line(days, { x: "day", y: "wanted", curve: "step-after", className: "line-wanted" }),
      line(ahead, { x: "day", y: "wanted", className: "line-forecast" }),
      ...(end && last && end <= last
        ? [
            ruleX([end], { className: "rule-end" }),
            text([end], { x: (day) => day, frameAnchor: "top", text: () => "runs out", dy: -8, className: "text-end" }),
          ]
        : []),
      tip(days, pointerX({ x: "day", y: "assigned", title: tipOf, className: "tip" })),
    ],
  });
  // A policy forbids styles in the page; the style sheet has them.
  chart.querySelector("style")?.remove();
  // As one picture it has one name; Plot names its parts, too.
  for (const part of chart.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  chart.setAttribute("role", "img");
  return chart;
}

function drawn({ day, bought, assigned, held, free, waiting }: HistoryDay): Drawn {
  return { day: new Date(day), bought, assigned, free, waiting, wanted: held + waiting };
}

/** The straight line from today on, if there is a trend. */
function aheadOf(days: readonly Drawn[], { perDay }: Forecast): { day: Date; wanted: number }[] {
  const today = days.at(-1);
  if (!today || perDay === null) return [];
  const length = Math.min(MOST_DAYS_AHEAD, days.length);
  const wantedAfter = (count: number) => Math.max(0, today.wanted + perDay * count);
  return [0, length].map((count) => ({
    day: new Date(today.day.getTime() + count * DAY_MS),
    wanted: wantedAfter(count),
  }));
}

function tipOf({ day, bought, assigned, free, waiting }: Drawn): string {
  return [
    formatDay(day),
    ...(bought === null ? [] : [`Bought ${formatCount(bought)}`]),
    `In use ${formatCount(assigned)}`,
    ...(free === null ? [] : [`Free ${formatCount(free)}`]),
    `Waiting ${formatCount(waiting)}`,
  ].join("\n");
}
