import { useRef, useState } from "preact/hooks";
import { KEY_PATTERN } from "../shared/session-key.js";
import { ApiError, ask } from "./ask.js";
import { KEY } from "./queries.js";

interface SignInProps {
  /** Why the last key is good no longer. */
  readonly complaint: string | null;
  /** Given a key that is good. */
  onKey(key: string): void;
}

/** Asks for the API key, once a tab, and tries it once: the whole report would try it five times, and few wrong ones are borne. */
export function SignIn({ complaint: first, onKey }: SignInProps) {
  const input = useRef<HTMLInputElement>(null);
  const [complaint, setComplaint] = useState(first);
  const [trying, setTrying] = useState(false);
  const attempt = async (key: string) => {
    setComplaint(null);
    setTrying(true);
    try {
      await ask(key, KEY, {}, new AbortController().signal);
      onKey(key);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setComplaint(error.message);
    } finally {
      setTrying(false);
    }
  };
  return (
    <main class="sign-in">
      <h1>Licence report</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const key = input.current?.value.trim();
          if (key && !trying) void attempt(key);
        }}
      >
        <label for="key">API key</label>
        <input
          id="key"
          ref={input}
          type="password"
          required
          pattern={KEY_PATTERN}
          title="Letters, digits and signs of ASCII, without a space"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={complaint !== null}
          aria-describedby={complaint === null ? "key-note" : "key-complaint key-note"}
        />
        {complaint !== null && (
          <p id="key-complaint" class="complaint" role="alert">
            {complaint}
          </p>
        )}
        <p id="key-note" class="note">
          It is kept in this tab only, and forgotten with it.
        </p>
        <button type="submit" class="primary">
          Show the report
        </button>
      </form>
    </main>
  );
}
