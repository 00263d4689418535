import type { Location } from "./location.js";
import type { World } from "./world.js";

/** A request whose token was accepted. */
export interface ServiceRequest {
  world: World;
  location: Location;
  query: URLSearchParams;
  /** Of a POST; empty for a GET. */
  body: Record<string, unknown>;
}

/** Answers the body without the common fields, or throws ServiceError. */
export type Endpoint = (request: ServiceRequest) => object | Promise<object>;
