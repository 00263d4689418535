import { useRef } from "preact/hooks";
import { KEY_PATTERN } from "../shared/session-key.js";

interface SignInProps {
  /** Why the last key was not good. */
  readonly complaint: string | null;
  onKey(key: string): void;
}

/** Asks for the API key, once a tab. */
export function SignIn({ complaint, onKey }: SignInProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <main class="sign-in">
      <h1>Licence report</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const key = input.current?.value.trim();
          if (key) onKey(key);
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
