import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, ask } from "./ask.js";
import { useSession } from "./session.js";

/** What is known of an answer: the last one stays while a newer one is on its way. */
export interface Asked<Data> {
  readonly data: Data | null;
  /** Whether `data` answers what is asked now, and not what was asked before. */
  readonly current: boolean;
  readonly error: ApiError | null;
  readonly pending: boolean;
  again(): void;
}

type Variables = Readonly<Record<string, unknown>>;

interface State<Data> extends Omit<Asked<Data>, "again" | "current"> {
  /** What `data` answers. */
  readonly asked: string | null;
}

/** Asks when shown, when a variable changes, and when `version` does; ends the session when the key is refused. */
export function useAnswer<Data>(query: string, variables: Variables, version: number): Asked<Data> {
  const session = useSession();
  const [state, setState] = useState<State<Data>>({ data: null, asked: null, error: null, pending: true });
  const [attempt, setAttempt] = useState(0);
  const asked = JSON.stringify(variables);
  // A newer version waits for the answer under way: where things change faster than they are answered, none would arrive.
  const turn = useRef(version);
  if (!state.pending) turn.current = version;
  useEffect(() => {
    const given = JSON.parse(asked) as Variables;
    const abort = new AbortController();
    setState((before) => ({ ...before, pending: true }));
    ask<Data>(session.key, query, given, abort.signal).then(
      (data) => setState({ data, asked, error: null, pending: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "UNAUTHENTICATED") session.end(error.message);
        // An older answer under the question that failed would be taken for its own.
        else
          setState((before) => ({
            ...(before.asked === asked ? before : { data: null, asked }),
            error,
            pending: false,
          }));
      },
    );
    return () => abort.abort();
  }, [session.key, query, asked, turn.current, attempt]);
  const { data, error, pending } = state;
  return { data, current: state.asked === asked, error, pending, again: () => setAttempt((count) => count + 1) };
}
