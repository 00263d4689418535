import { useEffect, useRef } from "preact/hooks";

/** Nobody types faster than this for long. */
const PAUSE_MS = 300;

interface SearchFieldProps {
  readonly label: string;
  onSearch(text: string): void;
}

/** A field that searches as somebody types, in the pauses. */
export function SearchField({ label, onSearch }: SearchFieldProps) {
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="search"
        autocomplete="off"
        onInput={({ currentTarget }) => {
          window.clearTimeout(timer.current);
          timer.current = window.setTimeout(() => onSearch(currentTarget.value.trim()), PAUSE_MS);
        }}
      />
    </label>
  );
}
