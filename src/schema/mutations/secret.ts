import { Extensions } from "type-graphql";

/** Marks an input's field whose value is kept nowhere as it came: not in audit events, not in logs. */
export function Secret(): ReturnType<typeof Extensions> {
  return Extensions({ secret: true });
}
