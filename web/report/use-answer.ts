import { useEffect, useState } from "preact/hooks";
import { ApiError, ask } from "./ask.js";
import { useSession } from "./session.js";

/** What is known of an answer: the last one stays while a newer one is on its way. */
export interface Asked<Data> {
  readonly data: Data | null;
  readonly error: ApiError | null;
  readonly pending: boolean;
  again(): void;
}

type Variables = Readonly<Record<string, unknown>>;

/** Asks when shown, when a variable changes, and when `version` does; ends the session when the key is refused. */
export function useAnswer<Data>(query: string, variables: Variables, version: number): Asked<Data> {
  const session = useSession();
  const [state, setState] = useState<Omit<Asked<Data>, "again">>({ data: null, error: null, pending: true });
  const [attempt, setAttempt] = useState(0);
  const asked = JSON.stringify(variables);
  useEffect(() => {
    const given = JSON.parse(asked) as Variables;
    const abort = new AbortController();
    setState((before) => ({ ...before, pending: true }));
    ask<Data>(session.key, query, given, abort.signal).then(
      (data) => setState({ data, error: null, pending: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "UNAUTHENTICATED") session.end(error.message);
        else setState((before) => ({ ...before, error, pending: false }));
      },
    );
    return () => abort.abort();
  }, [session.key, query, asked, version, attempt]);
  return { ...state, again: () => setAttempt((count) => count + 1) };
}
