import { useState } from "preact/hooks";
import { ApiError } from "./ask.js";
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
  const [saving, setSaving] = useState(false);
  const save = async () => {
    if (saving) return;
    setTrouble(null);
    setSaving(true);
    try {
      await downloadCsv(session.key, scope);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "UNAUTHENTICATED") session.end(error.message);
      else setTrouble(error.message);
    } finally {
      setSaving(false);
    }
  };
  return (
    <header class="heading">
      <h1>Licence report</h1>
      <p class={live ? "live on" : "live"} role="status">
        {live ? "Live" : "Connecting"}
      </p>
      <nav aria-label="The report">
        <button type="button" aria-disabled={saving} onClick={save}>
          {saving ? "Reading the table…" : "Download CSV"}
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
