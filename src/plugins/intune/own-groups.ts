import { type Licensing, PluginError } from "../contract.js";
import { type Answer, isOk, isPassing } from "./failure.js";
import type { Call, Graph } from "./graph.js";
import { directoryDeviceShape, type Intent, pageShape } from "./wire.js";

/** A PATCH adds so many members at most. */
const BIND_MAX = 20;
const WHAT = "change a group of Allotment's own";
const READ = "read the members of a group";

/** What a group of ours is for: one app, one intent, one way of licensing. */
export interface Purpose {
  readonly intent: Intent;
  readonly licensing: Licensing;
}

export const PURPOSES: readonly Purpose[] = (["required", "uninstall"] as const).flatMap((intent) =>
  (["device", "user"] as const).map((licensing) => ({ intent, licensing })),
);

/** The name by which the directory finds a group of ours again, and an admin knows it. At most 64 characters. */
export function ownGroupName(prefix: string, appId: string, { intent, licensing }: Purpose): string {
  return `${prefix}-${appId}-${intent}-${licensing}`;
}

export function isOwnGroup(prefix: string, uniqueName: string | null): boolean {
  return uniqueName !== null && new RegExp(`^${prefix}-.+-(required|uninstall)-(device|user)$`).test(uniqueName);
}

/** Groups that hold single devices (or users) for an app, where no group of the admins stands for them. */
export interface OwnGroups {
  /** Those that exist, by name. */
  find(appId: string, signal: AbortSignal): Promise<Map<string, string>>;
  /** Makes it, or finds it: twice gives the same group. @returns its id. */
  ensure(appId: string, appName: string, purpose: Purpose, signal: AbortSignal): Promise<string>;
  /** Ids of the direct members. */
  members(groupId: string, signal: AbortSignal): Promise<Set<string>>;
  /** Ids of the members of any group, those of nested groups too; none of a group that is gone. */
  allMembers(groupId: string, signal: AbortSignal): Promise<Set<string>>;
  /** @throws PluginError `transient` also while the directory does not know the group, or a member, in all places. */
  add(groupId: string, members: readonly string[], signal: AbortSignal): Promise<void>;
  remove(groupId: string, members: readonly string[], signal: AbortSignal): Promise<void>;
  /** Deletes the group itself, if it is still there. */
  end(groupId: string, signal: AbortSignal): Promise<void>;
}

export function createOwnGroups(graph: Graph, graphUrl: string, prefix: string): OwnGroups {
  const placeOf = (name: string) => `/v1.0/groups(uniqueName='${encodeURIComponent(name)}')`;

  /** @returns the answers that are 404, which mean another thing each time. */
  const run = async (calls: readonly Call[], signal: AbortSignal): Promise<Answer[]> => {
    const answers = await graph.batch(calls, signal);
    const refused = answers.filter((answer) => !isOk(answer) && answer.status !== 404);
    const worst = refused.find(isPassing) ?? refused[0];
    if (worst) throw graph.failure(worst, WHAT);
    return answers.filter(({ status }) => status === 404);
  };

  return {
    async find(appId, signal) {
      const names = PURPOSES.map((purpose) => ownGroupName(prefix, appId, purpose));
      const calls = names.map((name): Call => ({ method: "GET", place: `${placeOf(name)}?$select=id` }));
      const answers = await graph.batch(calls, signal);
      const found = new Map<string, string>();
      answers.forEach((answer, index) => {
        if (answer.status === 404) return;
        if (!isOk(answer)) throw graph.failure(answer, "look for Allotment's own groups");
        found.set(names[index] ?? "", directoryDeviceShape.parse(answer.body).id);
      });
      return found;
    },
    async ensure(appId, appName, purpose, signal) {
      const name = ownGroupName(prefix, appId, purpose);
      const body = {
        displayName: `Allotment: ${appName} (${purpose.intent}, ${purpose.licensing} licensing)`.slice(0, 256),
        description:
          "Made and kept by Allotment for devices that no other group stands for. Do not change its members.",
        mailEnabled: false,
        mailNickname: name,
        securityEnabled: true,
      };
      const upsert: Call = { method: "PATCH", place: placeOf(name), body, headers: { Prefer: "create-if-missing" } };
      const answer = await graph.call(upsert, signal);
      if (!isOk(answer)) throw graph.failure(answer, "make a group of Allotment's own");
      const made = directoryDeviceShape.safeParse(answer.body);
      if (made.success) return made.data.id;
      const known: Call = { method: "GET", place: `${placeOf(name)}?$select=id` };
      return (await graph.need("read a group of Allotment's own", directoryDeviceShape, known, signal)).id;
    },
    async members(groupId, signal) {
      const place = `/v1.0/groups/${groupId}/members?$select=id&$top=999`;
      const found = await graph.list(READ, directoryDeviceShape, place, signal);
      return new Set(found.map(({ id }) => id));
    },
    async allMembers(groupId, signal) {
      const place = `/v1.0/groups/${groupId}/transitiveMembers?$select=id&$top=999`;
      const [answer] = await graph.batch([{ method: "GET", place }], signal);
      if (!answer || answer.status === 404) return new Set();
      if (!isOk(answer)) throw graph.failure(answer, READ);
      const page = pageShape.parse(answer.body);
      const link = page["@odata.nextLink"];
      const rest = link ? await graph.list(READ, directoryDeviceShape, link, signal) : [];
      return new Set([...page.value.map((member) => directoryDeviceShape.parse(member)), ...rest].map(({ id }) => id));
    },
    async add(groupId, members, signal) {
      const calls: Call[] = [];
      for (let start = 0; start < members.length; start += BIND_MAX) {
        const bound = members.slice(start, start + BIND_MAX).map((id) => `${graphUrl}/v1.0/directoryObjects/${id}`);
        calls.push({ method: "PATCH", place: `/v1.0/groups/${groupId}`, body: { "members@odata.bind": bound } });
      }
      const [missing] = await run(calls, signal);
      if (missing) throw new PluginError("transient", graph.failure(missing, WHAT).message);
    },
    async remove(groupId, members, signal) {
      const calls = members.map(
        (id): Call => ({ method: "DELETE", place: `/v1.0/groups/${groupId}/members/${id}/$ref` }),
      );
      // Who is no member any more has been removed.
      await run(calls, signal);
    },
    async end(groupId, signal) {
      await run([{ method: "DELETE", place: `/v1.0/groups/${groupId}` }], signal);
    },
  };
}
