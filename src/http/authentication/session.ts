import { Role } from "../../entities/role.js";
import type { Access } from "../../schema/access.js";

/** What somebody who is known may do, for as long as it lasts. */
export interface Session {
  readonly access: Access;
  /**
   * Has `ended` called once when it is over: the key was revoked or has expired.
   * @returns what stops that.
   */
  onEnd(ended: () => void): () => void;
}

/** Of who holds the key of this installation: may everything, and it never ends. */
export const ROOT_SESSION: Session = {
  access: { actor: "admin", role: Role.ADMIN, teams: null },
  onEnd: () => () => undefined,
};
