import type { World } from "../world.js";

export type Version = "v1.0" | "beta";

/** One request below a version, come alone or as a part of a batch. */
export interface GraphRequest {
  readonly world: World;
  /** Scheme and host, as the caller reached this server. */
  readonly origin: string;
  readonly version: Version;
  readonly method: string;
  /** Below the version, decoded, e.g. `/users`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON sent; undefined if there was none. */
  readonly body: unknown;
  /** The parts of the path that the route names, in their order. */
  readonly parts: readonly string[];
}
