import { formatCount, formatDay } from "./format.js";
import type { HistoryDay } from "./queries.js";

/** What the chart draws, as numbers: for who cannot see it, or wants to know exactly. */
export function HistoryTable({ history }: { readonly history: readonly HistoryDay[] }) {
  return (
    <details class="numbers">
      <summary>The same as numbers</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard. */}
      <section class="scrolls" tabIndex={0} aria-label="Licences day by day">
        <table>
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col">Bought</th>
              <th scope="col">In use</th>
              <th scope="col">Free</th>
              <th scope="col">Waiting</th>
            </tr>
          </thead>
          <tbody>
            {history.toReversed().map(({ day, bought, assigned, free, waiting }) => (
              <tr key={day}>
                <th scope="row">{formatDay(day)}</th>
                <td>{bought === null ? "no limit" : formatCount(bought)}</td>
                <td>{formatCount(assigned)}</td>
                <td>{free === null ? "no limit" : formatCount(free)}</td>
                <td>{formatCount(waiting)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
