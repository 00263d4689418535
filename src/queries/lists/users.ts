import { User } from "../../entities/user.js";
import { ID_KEY } from "../columns.js";
import { contains, isNull } from "../conditions.js";
import { userScope } from "../holder-scopes.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";

interface UserFilter {
  readonly search?: string | null;
  readonly left?: boolean | null;
}

export const userList: List<User, UserFilter, "DISPLAY_NAME" | "PRINCIPAL_NAME"> = {
  name: "userList",
  from: '"user"',
  scope: userScope,
  key: ID_KEY,
  filters: {
    search: (text) => contains(["principal_name", "display_name", "email"], text),
    left: (left) => isNull("left_at", !left),
  },
  orders: {
    DISPLAY_NAME: { name: "display_name", type: "text", nullable: true },
    PRINCIPAL_NAME: { name: "principal_name", type: "text", nullable: true },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, User, raw),
};
