import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { unpackBrowser } from "./unpack-browser.js";

/** What a page did beside what it shows. */
export interface Watched {
  readonly page: Page;
  /** Errors on the console and those that nobody caught. */
  readonly errors: readonly string[];
  /** Addresses that were asked for, but those that the page made itself. */
  readonly requests: readonly string[];
}

/** A real Chromium, for all tests of a file. */
export interface TestBrowser {
  /** A page in a profile of its own, closed with the browser. */
  open(options?: BrowserContextOptions): Promise<Watched>;
  close(): Promise<void>;
}

/** What is not for tests: to update itself, to report home, and to be safe from pages, which root cannot have. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-gpu",
  "--font-render-hinting=none",
];

export async function startBrowser(): Promise<TestBrowser> {
  const { executable, environment } = await unpackBrowser();
  const browser: Browser = await chromium.launch({
    executablePath: executable,
    args: ARGUMENTS,
    env: { ...process.env, ...environment },
  });
  return {
    async open(options = {}) {
      const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
      return watch(await context.newPage());
    },
    close: () => browser.close(),
  };
}

function watch(page: Page): Watched {
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  page.on("pageerror", (error) => void errors.push(error.message));
  page.context().on("request", (request) => void (isOutside(request.url()) && requests.push(request.url())));
  page.on("websocket", (socket) => void requests.push(socket.url()));
  return { page, errors, requests };
}

function isOutside(url: string): boolean {
  return !/^(data|blob):/.test(url);
}
