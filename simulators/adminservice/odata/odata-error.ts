/** A refusal as the service tells it: `{ error: { code, message } }`. */
export class ODataError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = "",
  ) {
    super(message);
  }
}
