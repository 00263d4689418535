import { v1Classes, wmiClasses } from "./classes/index.js";
import type { Body, WmiClass } from "./classes/wmi-class.js";
import type { Site } from "./model/site.js";
import { type Answer, type Call, errorAnswer } from "./odata/answer.js";
import type { Row } from "./odata/filter.js";
import { listAnswer, shown } from "./odata/list.js";
import { ODataError } from "./odata/odata-error.js";

/** What a path means: `Class`, `Class(key)`, `Class(key)/AdminService.Method` or `Class.Method`. */
const PATH = /^(\w+)(?:\((.+?)\)(?:\/AdminService\.(\w+))?|\.(\w+))?\/?$/i;

/** Finds the class that a path begins with; on the v1.0 route case matters. */
function classOf({ route, path }: Pick<Call, "route" | "path">): WmiClass | undefined {
  const name = PATH.exec(path)?.[1] ?? "";
  if (route === "v1.0") return v1Classes.find((one) => one.name === name);
  return wmiClasses.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** By which disturbances name a request: its class, and behind a dot the method that it calls. */
export function placeOf(call: Call): string {
  const [, , , method, staticMethod] = PATH.exec(call.path) ?? [];
  return [classOf(call)?.name ?? "", method ?? staticMethod].filter((part) => part !== undefined).join(".");
}

/** Does what the request asks for and answers it; unexpected failures are thrown. */
export function dispatch(site: Site, call: Call): Answer {
  try {
    return answerTo(site, call);
  } catch (error) {
    if (error instanceof ODataError) return errorAnswer(error.status, error.message, error.code);
    throw error;
  }
}

function answerTo(site: Site, call: Call): Answer {
  if (call.path === "$metadata") return metadata(call);
  const found = classOf(call);
  const [, , keyText, method, staticMethod] = PATH.exec(call.path) ?? [];
  if (found === undefined) throw new ODataError(404, "Resource not found for the segment.");
  if (staticMethod !== undefined) return callStatic(site, found, staticMethod, call);
  if (keyText === undefined) return onClass(site, found, call);
  const key = readKey(found, keyText);
  return method === undefined ? onEntity(site, found, key, call) : callMethod(site, found, key, method, call);
}

function onClass(site: Site, found: WmiClass, call: Call): Answer {
  if (call.method === "GET") return listAnswer(call, found.name, found.rows(site), found.lazy, site.switches);
  if (call.method !== "POST" || found.create === undefined) throw notAllowed();
  const row = found.create(site, bodyOf(call));
  return { status: site.switches.createdStatus, body: { "@odata.context": contextOf(call, found), ...row } };
}

function onEntity(site: Site, found: WmiClass, key: string | number, call: Call): Answer {
  if (call.method === "DELETE" && found.delete !== undefined) {
    found.delete(site, key);
    const { deletedStatus } = site.switches;
    return { status: deletedStatus, body: deletedStatus === 204 ? null : {} };
  }
  if (call.method !== "GET") throw notAllowed();
  const row = found.rows(site).find((one) => sameKey(one[found.key?.name ?? ""], key));
  const context = { "@odata.context": contextOf(call, found) };
  if (row === undefined) {
    if (site.switches.unknownKey === "empty") return { status: 200, body: { ...context, value: [] } };
    throw new ODataError(404, `No ${found.name} has the key '${key}'.`);
  }
  const entity: Row = { ...shown(row, call.query), __LAZYPROPERTIES: [] };
  const isWrapped = call.route === "wmi" && site.switches.keyed === "value";
  return { status: 200, body: isWrapped ? { ...context, value: [entity] } : { ...context, ...entity } };
}

function callMethod(site: Site, found: WmiClass, key: string | number, name: string, call: Call): Answer {
  const method = found.methods?.[name.toLowerCase()];
  if (method === undefined) throw new ODataError(404, "No HTTP resource was found that matches the request.");
  if (call.method !== "POST") throw notAllowed();
  if (!found.rows(site).some((row) => sameKey(row[found.key?.name ?? ""], key))) {
    throw new ODataError(404, `No ${found.name} has the key '${key}'.`);
  }
  return { status: 201, body: { "@odata.context": contextOf(call, found), ...method(site, key, bodyOf(call)) } };
}

function callStatic(site: Site, found: WmiClass, name: string, call: Call): Answer {
  const method = found.statics?.[name.toLowerCase()];
  if (method === undefined) throw new ODataError(404, "No HTTP resource was found that matches the request.");
  const body = call.method === "GET" ? {} : bodyOf(call);
  return { status: 201, body: { "@odata.context": contextOf(call, found), ...method(site, body) } };
}

function metadata({ route }: Call): Answer {
  const names = (route === "wmi" ? wmiClasses : v1Classes).map(({ name }) => `<EntityType Name="${name}"/>`);
  const body = `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0">${names.join("")}</edmx:Edmx>`;
  return { status: 200, body, headers: { "content-type": "application/xml" } };
}

function readKey({ key }: WmiClass, text: string): string | number {
  if (key?.type === "number" && /^\d{1,15}$/.test(text)) return Number(text);
  if (key?.type === "string" && /^'.*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  throw new ODataError(400, "The key in the URI is not valid.");
}

function sameKey(value: unknown, key: string | number): boolean {
  return String(value).toLowerCase() === String(key).toLowerCase();
}

function bodyOf({ body }: Call): Body {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Body;
  throw new ODataError(400, "The request must have a JSON object as its body.");
}

function contextOf({ root }: Call, { name }: WmiClass): string {
  return `${root}/$metadata#${name}`;
}

function notAllowed(): ODataError {
  return new ODataError(405, "The requested resource does not support this method.");
}
