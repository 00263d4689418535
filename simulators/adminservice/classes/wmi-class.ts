import type { Site } from "../model/site.js";
import type { Row } from "../odata/filter.js";

export type Body = Readonly<Record<string, unknown>>;

/** One class of the SMS Provider, as the service shows it. */
export interface WmiClass {
  readonly name: string;
  /** The property in brackets after the name; none for a class without such an address. */
  readonly key: { readonly name: string; readonly type: "number" | "string" } | null;
  /** What only a keyed GET shows. */
  readonly lazy: readonly string[];
  rows(site: Site): Row[];
  /** @throws ODataError. */
  create?(site: Site, body: Body): Row;
  /** @throws ODataError. */
  delete?(site: Site, key: string | number): void;
  /** `POST <Class>(key)/AdminService.<Method>`; by the name in lower case. @throws ODataError. */
  readonly methods?: Readonly<Record<string, (site: Site, key: string | number, body: Body) => object>>;
  /** `<Class>.<Method>`; by the name in lower case. */
  readonly statics?: Readonly<Record<string, (site: Site, body: Body) => object>>;
}
