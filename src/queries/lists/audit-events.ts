import { AuditEvent } from "../../entities/audit-event.js";
import { ID_KEY } from "../columns.js";
import { equals, isBefore, isSince } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { toNoTeam } from "../scopes.js";

interface AuditEventFilter {
  readonly actor?: string | null;
  readonly mutation?: string | null;
  readonly outcome?: string | null;
  readonly since?: Date | null;
  readonly before?: Date | null;
}

export const auditEventList: List<AuditEvent, AuditEventFilter, never> = {
  name: "auditEventList",
  from: "audit_event",
  scope: toNoTeam,
  key: ID_KEY,
  filters: {
    actor: (actor) => equals("actor", actor),
    mutation: (mutation) => equals("mutation", mutation),
    outcome: (outcome) => equals("outcome", outcome),
    since: (moment) => isSince("at", moment),
    before: (moment) => isBefore("at", moment),
  },
  orders: {},
  defaultOrder: { column: { name: "at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => hydrate(db, AuditEvent, raw),
};
