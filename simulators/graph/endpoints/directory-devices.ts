import type { Answer } from "../protocol/answer.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import { listAnswer } from "../protocol/list-answer.js";

export function listDirectoryDevices(request: GraphRequest): Answer {
  return listAnswer(
    request,
    [...request.world.directoryDevices.values()].map((device) => ({ ...device })),
  );
}
