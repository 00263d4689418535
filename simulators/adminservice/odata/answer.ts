import type { IncomingMessage } from "node:http";

/** What goes back to the caller. */
export interface Answer {
  readonly status: number;
  /** Null: no body. */
  readonly body: object | string | null;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** A request that has been let in. */
export interface Call {
  readonly method: string;
  /** `wmi` and `v1.0` differ in whether case matters. */
  readonly route: "wmi" | "v1.0";
  /** E.g. `https://127.0.0.1:5011/AdminService/wmi`. */
  readonly root: string;
  /** What follows the route, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export function errorAnswer(status: number, message: string, code = ""): Answer {
  return { status, body: { error: { code, message } } };
}

/** The scheme and host that the caller has used. */
export function originOf(request: IncomingMessage): string {
  return `https://${request.headers.host ?? "127.0.0.1"}`;
}
