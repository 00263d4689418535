import { useCallback, useState } from "preact/hooks";
import { sessionKey, setSessionKey } from "../shared/session-key.js";
import { Report } from "./report.js";
import { SessionContext } from "./session.js";
import { SignIn } from "./sign-in.js";

/** The report for whoever has given a key, and the question for it otherwise. */
export function App() {
  const [key, setKey] = useState(sessionKey);
  const [complaint, setComplaint] = useState<string | null>(null);
  const change = useCallback((newKey: string | null, why: string | null = null) => {
    setSessionKey(newKey);
    setComplaint(why);
    setKey(newKey);
  }, []);
  if (key === null) return <SignIn complaint={complaint} onKey={change} />;
  return (
    <SessionContext.Provider value={{ key, end: (why) => change(null, why) }}>
      <Report />
    </SessionContext.Provider>
  );
}
