import type { ApiError } from "./ask.js";

interface FailureProps {
  readonly error: ApiError;
  onAgain(): void;
}

/** Says what the API refused, and lets it be asked again. */
export function Failure({ error, onAgain }: FailureProps) {
  return (
    <div class="failure" role="alert">
      <p>
        <strong>{error.message}</strong> <code>{error.code}</code>
      </p>
      <button type="button" onClick={onAgain}>
        Try again
      </button>
    </div>
  );
}
