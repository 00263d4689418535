/** A request to the API as the log keeps it: never with a key. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly contentType: string | null;
  /** As it came. */
  readonly body: string;
}
