import type { User } from "../model.js";
import type { Answer } from "../protocol/answer.js";
import { json } from "../protocol/answer.js";
import { directoryNotFound } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import { listAnswer, selected } from "../protocol/list-answer.js";

export function userRow(user: User): Record<string, unknown> {
  return { ...user };
}

export function listUsers(request: GraphRequest): Answer {
  return listAnswer(request, [...request.world.users.values()].map(userRow));
}

export function getUser({ world, parts: [id = ""], query }: GraphRequest): Answer {
  const user = world.users.get(id);
  if (!user) throw directoryNotFound(id);
  return json(selected(userRow(user), query.get("$select")));
}
