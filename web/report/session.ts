import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Who looks at the report. */
export interface Session {
  readonly key: string;
  /** Forgets the key, saying why; with null, since somebody leaves, all that was given in this tab. */
  end(why: string | null): void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("There is no session around this component");
  return session;
}
