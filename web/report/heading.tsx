import { useState } from "preact/hooks";
import { downloadCsv } from "./download-csv.js";
import type { Scope } from "./scope.js";
import { useSession } from "./session.js";

interface HeadingProps {
  readonly scope: Scope;
  /** Whether changes are told as they happen. */
  readonly live: boolean;
}

/** The title, and what can be done with the report as a whole. */
export function Heading({ scope, live }: HeadingProps) {
  const session = useSession();
  const [trouble, setTrouble] = useState<string | null>(null);
  const save = () => {
    setTrouble(null);
    downloadCsv(session.key, scope).catch((error: Error) => setTrouble(error.message));
  };
  return (
    <header class="heading">
      <h1>Licence report</h1>
      <p class={live ? "live on" : "live"} role="status">
        {live ? "Live" : "Connecting"}
      </p>
      <nav aria-label="The report">
        <button type="button" onClick={save}>
          Download CSV
        </button>
        <button type="button" onClick={() => window.print()}>
          Print
        </button>
        <a href="/playground">Playground</a>
        <button type="button" onClick={() => session.end(null)}>
          Forget the key
        </button>
      </nav>
      {trouble !== null && (
        <p class="complaint" role="alert">
          {trouble}
        </p>
      )}
    </header>
  );
}
