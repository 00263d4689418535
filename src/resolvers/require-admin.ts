import { AppError } from "../errors.js";
import { ADMIN, type Context } from "./context.js";

/**
 * The one place that knows who may do what only an admin may. Today there is one API key, and its holder is the admin.
 * @param what the thing that is asked for, as a sentence's subject.
 * @throws AppError FORBIDDEN.
 */
export function requireAdmin({ actor }: Context, what: string): void {
  if (actor === ADMIN) return;
  throw new AppError("FORBIDDEN", `${what} takes the role ADMIN. Ask an admin of this installation.`, {
    role: "ADMIN",
  });
}
