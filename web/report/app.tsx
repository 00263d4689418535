import { useState } from "preact/hooks";
import { forgetSession, sessionKey, setSessionKey } from "../shared/session-key.js";
import { Report } from "./report.js";
import { SessionContext } from "./session.js";
import { SignIn } from "./sign-in.js";

/** The report for whoever has given a key, and the question for it otherwise. */
export function App() {
  const [key, setKey] = useState(sessionKey);
  const [complaint, setComplaint] = useState<string | null>(null);
  const begin = (given: string) => {
    setSessionKey(given);
    setKey(given);
  };
  const end = (why: string | null) => {
    if (why === null) forgetSession();
    else setSessionKey(null);
    setComplaint(why);
    setKey(null);
  };
  if (key === null) return <SignIn complaint={complaint} onKey={begin} />;
  return (
    <SessionContext.Provider value={{ key, end }}>
      <Report />
    </SessionContext.Provider>
  );
}
