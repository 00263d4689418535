import type { IncomingMessage } from "node:http";
import type { Disturbances, Planned } from "./disturbances.js";

/** A request on its way to its answer. */
export interface Exchange<Failure, Answer> {
  readonly request: IncomingMessage;
  readonly method: string;
  /** By which the planned disturbances name it. */
  readonly place: string;
  /** Its entry in the log, which gets the status, or that the connection was cut. */
  readonly logged: { answer: number | "cut" | null };
  /** Does what is asked for. */
  handle(): Answer | Promise<Answer>;
  /** Refuses it as planned, without effect. */
  refuse(failure: Failure): Answer;
  send(answer: Answer): void;
  /** Sends the head and a half of the body, and cuts the connection. */
  sendHalf?(answer: Answer): void;
}

/** Answers a request with what was planned to go wrong with it: a failure, a hold, or nothing. */
export async function answerDisturbed<Match, Failure extends Match & Planned, Answer extends { status: number }>(
  disturbances: Disturbances<Match, Failure>,
  { request, method, place, logged, handle, refuse, send, sendHalf }: Exchange<Failure, Answer>,
): Promise<void> {
  const failure = disturbances.takeFailure(method, place);
  const hasEffect = failure === undefined || failure.mode === "afterEffect" || failure.mode === "truncate";
  const answer = hasEffect ? await handle() : refuse(failure);
  await disturbances.waitWhileHeld(method, place);
  const mode = failure?.mode ?? "answer";
  logged.answer = mode === "answer" ? answer.status : "cut";
  if (mode === "answer") send(answer);
  else if (mode === "truncate" && sendHalf !== undefined) sendHalf(answer);
  else request.socket.destroy();
}
