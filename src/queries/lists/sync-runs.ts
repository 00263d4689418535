import { SyncRun } from "../../entities/sync-run.js";
import { Token } from "../../entities/token.js";
import { byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { equals, isAmong } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface SyncRunFilter {
  readonly token?: string | null;
  readonly state?: readonly string[] | null;
  readonly mode?: string | null;
  readonly trigger?: readonly string[] | null;
}

export const syncRunList: List<SyncRun, SyncRunFilter, "STARTED_AT"> = {
  name: "syncRunList",
  from: "sync_run",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    state: (states) => isAmong("state", states),
    mode: (mode) => equals("mode", mode),
    trigger: (triggers) => isAmong("trigger", triggers),
  },
  orders: {
    STARTED_AT: { name: "started_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "DESC" },
  read: (db, raw) => hydrate(db, SyncRun, raw),
};
