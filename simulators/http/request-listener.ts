import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** A server's side of requests. What fails unforeseen is printed, and answered by `apologise`. */
export function requestListener(
  simulator: string,
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  apologise: (response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // A caller that goes away while its body is read is not a fault of the simulator.
      if (request.destroyed && !request.complete) return;
      console.error(`The simulator of ${simulator} failed to answer:`, error);
      apologise(response);
    });
  };
}
