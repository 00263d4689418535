import type { Answer, ApiRequest } from "./answer.js";
import { CommandQueue } from "./command-queue.js";
import { connect, decodeCommand } from "./connect.js";
import type { World } from "./world.js";

interface IdResult {
  push_result?: string;
  push_error?: string;
  command_error?: string;
}

const MAX_UUID = 127;

/** NanoMDM's API below `/v1`. Null for a path that it does not have. */
export function answerNano(world: World, { method, path, query, body }: ApiRequest): Answer | null {
  const enqueue = /^\/v1\/enqueue\/(.+)$/.exec(path);
  if (enqueue?.[1] !== undefined) return enqueueCommand(world, enqueue[1].split(","), body, query.has("nopush"));
  const push = /^\/v1\/push\/(.+)$/.exec(path);
  if (push?.[1] !== undefined) return resultOf(push[1].split(","), { status: pushTo(world, push[1].split(",")) });
  if (path === "/v1/pushcert" && method === "GET") return pushCertificate(world, query.get("topic") ?? "");
  return null;
}

function enqueueCommand(world: World, ids: string[], body: string, noPush: boolean): Answer {
  let command: { uuid: string; requestType: string };
  try {
    command = decodeCommand(body);
  } catch (error) {
    return { status: 500, body: { command_error: error instanceof Error ? error.message : String(error) } };
  }
  const about = { command_uuid: command.uuid, request_type: command.requestType, ...(noPush ? { no_push: true } : {}) };
  const refusal = refusalOf(world, command.uuid, ids);
  if (refusal !== undefined) return { status: 500, body: { ...about, command_error: refusal } };
  world.commandUuids.add(command.uuid);
  for (const id of ids) queueOf(world, id).add({ ...command, raw: body });
  return resultOf(ids, noPush ? about : { ...about, status: pushTo(world, ids) });
}

/** The whole call fails: with SQL, all ids are written in one transaction. */
function refusalOf(world: World, uuid: string, ids: string[]): string | undefined {
  const isSql = world.switches.storage === "sql";
  if (uuid.length > MAX_UUID) return "Error 1406 (22001): Data too long for column 'command_uuid' at row 1";
  if (world.commandUuids.has(uuid)) {
    return isSql
      ? `Error 1062 (23000): Duplicate entry '${uuid}' for key 'commands.PRIMARY'`
      : `storing command: command already exists: ${uuid}`;
  }
  if (!isSql || ids.every((id) => world.enrollments.has(id))) return undefined;
  return "Error 1452 (23000): Cannot add or update a child row: a foreign key constraint fails (`nanomdm`.`enrollment_queue`)";
}

function queueOf(world: World, id: string): CommandQueue {
  const queue = world.enrollments.get(id)?.queue ?? world.ghosts.get(id) ?? new CommandQueue();
  if (!world.enrollments.has(id)) world.ghosts.set(id, queue);
  return queue;
}

/** What is queued stays queued, whether or not the push goes out. */
function pushTo(world: World, ids: string[]): Record<string, IdResult> {
  return Object.fromEntries(
    ids.map((id): [string, IdResult] => {
      const enrollment = world.enrollments.get(id);
      const expired = !world.pushCertificate || world.pushCertificate.notAfter.getTime() <= Date.now();
      if (!enrollment) return [id, { push_error: `no push info for id: ${id}` }];
      if (expired) return [id, { push_error: "push error: 403 BadCertificate" }];
      if (world.random.next() < world.switches.pushErrors) return [id, { push_error: "push error: 410 Unregistered" }];
      connect(world, enrollment.device);
      return [id, { push_result: world.random.uuid().toUpperCase() }];
    }),
  );
}

/** 200 for all well, 207 for some, 500 for none. */
function resultOf(ids: string[], body: { command_uuid?: string; status?: Record<string, IdResult> }): Answer {
  const failed = Object.values(body.status ?? {}).filter(({ push_error }) => push_error !== undefined).length;
  return { status: failed === 0 ? 200 : failed === ids.length ? 500 : 207, body };
}

function pushCertificate({ switches, pushCertificate: held }: World, topic: string): Answer {
  // A release without the call takes it for an upload of nothing.
  if (switches.pushcertCall === "none") {
    return {
      status: 500,
      body: { error: "tls: failed to find any PEM data in certificate input", not_after: "0001-01-01T00:00:00Z" },
    };
  }
  if (topic === "") return { status: 400, body: { error: "missing required query parameter: topic" } };
  if (!held || held.topic !== topic)
    return { status: 500, body: { error: "retrieve push cert: sql: no rows in result set" } };
  return { status: 200, body: { topic, not_after: held.notAfter.toISOString().replace(".000Z", "Z") } };
}
