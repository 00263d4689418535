/** Asks for the key, which stays in this tab. */
export function KeyForm({ onKey }: { onKey: (key: string) => void }) {
  return (
    <form className="key" action={(data) => onKey(String(data.get("key")).trim())}>
      <label htmlFor="key">API key</label>
      <input
        id="key"
        name="key"
        type="password"
        required
        pattern="\s*[!-~]+\s*"
        title="Letters, digits and signs of ASCII, without a space"
        autoComplete="off"
      />
      <button type="submit">Show apps</button>
    </form>
  );
}
