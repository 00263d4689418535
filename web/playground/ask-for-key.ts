import { KEY_PATTERN } from "../shared/session-key.js";

let asking: Promise<string> | null = null;

/** Asks for the API key; whoever asks meanwhile waits for the same answer. */
export function askForKey(complaint: string | null): Promise<string> {
  asking ??= openDialog(complaint).finally(() => {
    asking = null;
  });
  return asking;
}

function openDialog(complaint: string | null): Promise<string> {
  const dialog = document.createElement("dialog");
  dialog.className = "key";
  dialog.setAttribute("aria-labelledby", "key-title");
  dialog.innerHTML = `
    <form method="dialog">
      <h1 id="key-title">The Playground needs your API key</h1>
      <p>It stays in this tab, and goes with it.</p>
      <label for="key">API key</label>
      <input id="key" type="password" required autocomplete="off" spellcheck="false" autofocus>
      <p role="alert"></p>
      <button>Open the Playground</button>
    </form>`;
  const input = dialog.querySelector("input") as HTMLInputElement;
  input.pattern = KEY_PATTERN;
  input.title = "Letters, digits and signs of ASCII, without a space";
  const alert = dialog.querySelector('[role="alert"]') as HTMLElement;
  alert.textContent = complaint;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    // There is nothing to see without a key.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(input.value.trim());
    });
  });
}
