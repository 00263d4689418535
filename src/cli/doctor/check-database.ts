import type { ClientBase } from "pg";
import { assertSupportedServer } from "../../database.js";
import { describeLater, LATER_REMEDY, readMigrations } from "../../read-migrations.js";
import { type Finding, failure, ok, skipped, warning } from "./finding.js";
import { humanBytes } from "./human-bytes.js";

/** What the migrations ask for. */
const EXTENSIONS = ["pg_trgm"];
/** Further than this apart, times in the ledger and deadlines mean different things to the service and the database. */
const CLOCK_APART_MS = 5_000;
/** LISTEN comes back within milliseconds where it works. */
const NOTIFY_MS = 3_000;

interface Server {
  readonly version: string;
  readonly bytes: string;
  readonly now: Date;
  readonly room: number;
  readonly extensions: readonly string[];
  readonly may_create: boolean;
}

const SERVER_SQL = `
  SELECT current_setting('server_version') AS version, pg_database_size(current_database())::text AS bytes,
         clock_timestamp() AS now, has_database_privilege(current_database(), 'CREATE') AS may_create,
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - (SELECT sum(numbackends) FROM pg_stat_database)::int AS room,
         array(SELECT extname::text FROM pg_extension) AS extensions`;
/** The service's pool, its workers and its listeners, with some to spare. */
const SESSIONS_WANTED = 40;

/** A database that answers: its version, schema, extensions, sessions, clock and live updates. */
export async function checkDatabase(client: ClientBase, place: string): Promise<Finding[]> {
  const askedAt = Date.now();
  const { rows } = await client.query<Server>(SERVER_SQL);
  const answeredAt = Date.now();
  const [server] = rows;
  if (!server) return [];
  const apartMs = server.now.getTime() - (askedAt + answeredAt) / 2;
  return [
    checkVersion(server, place, answeredAt - askedAt),
    checkExtensions(server),
    await checkMigrations(client),
    checkSessions(server),
    await checkListening(client),
    checkItsClock(apartMs),
  ];
}

function checkVersion({ version, bytes }: Server, place: string, tookMs: number): Finding {
  try {
    assertSupportedServer(version);
  } catch (error) {
    return failure("database", (error as Error).message, "Upgrade that server, or use another.");
  }
  const size = humanBytes(Number(bytes));
  return ok("database", `PostgreSQL ${version} answers at ${place} in ${tookMs} ms; the data takes ${size}.`);
}

async function checkMigrations(client: ClientBase): Promise<Finding> {
  const { applied, missing, unknown } = await readMigrations(client);
  if (unknown.length > 0) return failure("migrations", describeLater(unknown), LATER_REMEDY);
  if (missing.length === 0) return ok("migrations", `All ${applied} are applied.`);
  return warning(
    "migrations",
    `${missing.length} are missing: ${missing.join(", ")}.`,
    'Start the service, which applies them, or run "allotment migrate".',
  );
}

function checkExtensions({ extensions, may_create: mayCreate }: Server): Finding {
  const missing = EXTENSIONS.filter((name) => !extensions.includes(name));
  if (missing.length === 0) return ok("extensions", `${EXTENSIONS.join(", ")} is there.`);
  if (mayCreate) return skipped("extensions", `${missing.join(", ")} is not there yet: the migrations make it.`);
  return failure(
    "extensions",
    `${missing.join(", ")} is missing, and this account may not make it.`,
    `Have an administrator of the database run: CREATE EXTENSION ${missing.join(", ")};`,
  );
}

function checkSessions({ room }: Server): Finding {
  const found = `The database takes ${room} sessions more.`;
  if (room >= SESSIONS_WANTED) return ok("sessions", found);
  return warning(
    "sessions",
    found,
    `A process of the service wants up to ${SESSIONS_WANTED}: unless it runs already, raise max_connections.`,
  );
}

/** A pooler that shares sessions between transactions loses LISTEN, and with it live updates. */
async function checkListening(client: ClientBase): Promise<Finding> {
  const heard = new Promise<boolean>((resolve) => {
    client.once("notification", () => resolve(true));
    setTimeout(() => resolve(false), NOTIFY_MS).unref();
  });
  await client.query("LISTEN allotment_doctor");
  await client.query("NOTIFY allotment_doctor");
  const works = await heard;
  await client.query("UNLISTEN allotment_doctor");
  if (works) return ok("live updates", "Sessions hear of changes (LISTEN).");
  return failure(
    "live updates",
    "A session does not hear of changes (LISTEN): there may be a pooler in between.",
    "Let DATABASE_URL lead to the database itself, or to a pooler that keeps a session to one client.",
  );
}

function checkItsClock(apartMs: number): Finding {
  const found = `The database's clock is ${describeApart(apartMs)}.`;
  if (Math.abs(apartMs) <= CLOCK_APART_MS) return ok("clock", found);
  return failure("clock", found, "Set both machines' clocks by NTP: deadlines and the ledger are told by them.");
}

/** @param apartMs of another clock before ours; negative when it is behind */
export function describeApart(apartMs: number): string {
  const seconds = Math.round(Math.abs(apartMs) / 100) / 10;
  if (seconds < 1) return "less than a second from ours";
  return `${seconds} seconds ${apartMs > 0 ? "ahead of" : "behind"} ours`;
}
