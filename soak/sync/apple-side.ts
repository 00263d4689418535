import type { Location } from "../../simulators/apple/location.js";
import type { AppleSimulator } from "../../simulators/apple/start-apple-simulator.js";

/** An assignment as Apple lists it. */
export interface AppleAssignment {
  readonly app: string;
  readonly holder: string;
}

/** All that Apple lists in one location, in the service's own terms: apps are `adamId:pricingParam`, holders `KIND:key`. */
export interface AppleTruth {
  readonly apps: ReadonlyMap<string, { total: number; assigned: number; available: number; retired: number }>;
  readonly assignments: readonly AppleAssignment[];
  /** Status by client user id, of those that are not over. */
  readonly users: ReadonlyMap<string, string>;
}

/** One location as everybody else sees it: its control plane, another MDM with the same token, and the lists read to the end. */
export interface AppleSide {
  readonly location: Location;
  /** @returns false when the simulator refused, as it does where nothing fits. */
  control(call: string, input?: Record<string, unknown>): Promise<boolean>;
  /** A write of another MDM. @returns whether Apple accepted it. */
  write(path: string, body: Record<string, unknown>): Promise<boolean>;
  readAll(): Promise<AppleTruth>;
}

type Row = Record<string, unknown>;

export function appleSideOf(apple: AppleSimulator, location: Location): AppleSide {
  const headers = () => ({ authorization: `Bearer ${location.token.text}`, "content-type": "application/json" });
  const readList = async (list: string, member: string): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let pageIndex: number | undefined = 0; pageIndex !== undefined; ) {
      const url = `${apple.baseUrl}/${list}${list.includes("?") ? "&" : "?"}pageIndex=${pageIndex}`;
      const answer: Response = await fetch(url, { headers: headers() });
      const page = (await answer.json()) as Row & { nextPageIndex?: number };
      if (!Array.isArray(page[member])) throw new Error(`Apple's ${list} cannot be read: ${JSON.stringify(page)}`);
      rows.push(...(page[member] as Row[]));
      pageIndex = page.nextPageIndex;
    }
    return rows;
  };
  return {
    location,
    control: (call, input = {}) => control(apple, call, { ...input, location: location.identity.uId }),
    async write(path, body) {
      const answer = await post(`${apple.baseUrl}${path}`, headers(), body);
      const said = (await answer.json().catch(() => ({ errorNumber: 0 }))) as Row;
      return answer.ok && said.errorNumber === undefined;
    },
    async readAll() {
      const assets = await readList("assets", "assets");
      const assignments = await readList("assignments", "assignments");
      const users = await readList("users?activeOnly=true", "users");
      return {
        apps: new Map(assets.map((asset) => [appOf(asset), countsOf(asset)])),
        assignments: assignments.map((row) => ({ app: appOf(row), holder: holderOf(row) })),
        users: new Map(users.map((user) => [String(user.clientUserId), String(user.status).toUpperCase()])),
      };
    },
  };
}

/** A call of the simulator's control plane. @returns false when it refused. */
export async function control({ controlUrl }: AppleSimulator, call: string, input: Row = {}): Promise<boolean> {
  const answer = await post(`${controlUrl}${call}`, {}, input);
  return answer.ok;
}

/** A request that is cut off counts as refused: that is among what is tried here. */
async function post(url: string, headers: Record<string, string>, body: Row): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  }).catch(() => Response.json({}, { status: 599 }));
}

function appOf(row: Row): string {
  return `${row.adamId}:${row.pricingParam}`;
}

function holderOf(row: Row): string {
  return row.serialNumber === undefined ? `USER:${row.clientUserId}` : `DEVICE:${row.serialNumber}`;
}

function countsOf(asset: Row) {
  const { totalCount, assignedCount, availableCount, retiredCount } = asset as Record<string, number>;
  return {
    total: totalCount ?? Number.NaN,
    assigned: assignedCount ?? Number.NaN,
    available: availableCount ?? Number.NaN,
    retired: retiredCount ?? Number.NaN,
  };
}
