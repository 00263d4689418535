import { forgetSession } from "../shared/session-key.js";

/** Puts a bar above GraphiQL: where we are, where else to go, and the way out. */
export function addBar(): void {
  const bar = document.createElement("header");
  bar.className = "bar";
  bar.innerHTML = `
    <strong>Allotment Playground</strong>
    <nav aria-label="Pages"><a href="/report">Licence report</a></nav>
    <button type="button">Forget the key</button>`;
  bar.querySelector("button")?.addEventListener("click", () => {
    forgetSession();
    location.reload();
  });
  document.body.prepend(bar);
}
