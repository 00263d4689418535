import "./playground.css";
import { addBar } from "./add-bar.js";
import { keepHistoryClean } from "./keep-history-clean.js";
import { sendKey } from "./send-key.js";

// Before GraphiQL's own script: it keeps what was typed, a token file too, and with the tab that has to go.
Object.defineProperty(window, "localStorage", { value: window.sessionStorage });
keepHistoryClean();
sendKey();
document.addEventListener("DOMContentLoaded", addBar);
