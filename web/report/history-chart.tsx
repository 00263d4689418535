import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { plotHistory } from "./plot-history.js";
import type { Forecast, HistoryDay } from "./queries.js";

interface HistoryChartProps {
  readonly history: readonly HistoryDay[];
  readonly forecast: Forecast;
  /** What it shows, for who cannot see it. */
  readonly label: string;
}

/** Bought, in use and waiting as lines, as wide as there is room, and beyond today where they lead. */
export function HistoryChart({ history, forecast, label }: HistoryChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (width > 0) frame.current?.replaceChildren(plotHistory(history, forecast, { width, label }));
  }, [history, forecast, width, label]);
  return (
    <>
      <ul class="legend" aria-hidden="true">
        <li class="line-bought">Bought</li>
        <li class="line-used">In use</li>
        <li class="line-wanted">Wanted: held or waited for</li>
        <li class="line-forecast">Forecast</li>
      </ul>
      <div class="chart" ref={frame} />
    </>
  );
}
