/** The parts of an object's primary key. */
export type Key = readonly [string, ...string[]];

/** One question, put to each peer as somebody would who uses it. */
export interface Operation {
  readonly name: string;
  /** What differs from one request to the next: the object with this id, or the place in the list from which it is read. */
  readonly over: "StoreApp" | "Device" | "Deployment" | "places";
  /** GraphQL against src/schema/schema.graphql. Takes `$id`, or `$first` and `$after`. */
  readonly ours: string;
  /** GraphQL against what PostGraphile makes of the tables (peers/postgraphile-server.js). Takes the same. */
  readonly postgraphile: string;
  /** What PostGraphile's data are in the shape of ours, where aliases cannot say it. */
  readonly reshape?: (data: never) => unknown;
  /**
   * SQL whose one value is the body of the answer as we give it. Its parameters are the parts of the key; or `first`, and the
   * name, the token and the id of the app after which it begins.
   */
  readonly bare: string;
}
