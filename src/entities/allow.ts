import { Extensions } from "type-graphql";
import type { Role } from "./role.js";

/** Who may ask for a field. */
export interface AccessRule {
  /** The least role that may. */
  readonly role: Role;
  /** It is about the whole installation: nobody may who is limited to teams. */
  readonly allTeams: boolean;
  /** Who is limited to teams may name only collections and targets of their own, not all that they see. */
  readonly own: boolean;
}

/** Says who may ask for a query, mutation or subscription, or for a field that not every VIEWER may see. */
export function Allow(
  role: Role,
  { allTeams = false, own = false }: { readonly allTeams?: boolean; readonly own?: boolean } = {},
): ReturnType<typeof Extensions> {
  const access: AccessRule = { role, allTeams, own };
  return Extensions({ access });
}

/** What was said of a field; null where nothing was. */
export function accessRuleOf({
  extensions,
}: {
  readonly extensions: Readonly<Record<string, unknown>>;
}): AccessRule | null {
  return (extensions.access as AccessRule | undefined) ?? null;
}
