import { User } from "../../entities/user.js";
import { ID_KEY } from "../columns.js";
import { contains } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { userScope } from "../scopes.js";

interface UserFilter {
  readonly search?: string | null;
}

export const userList: List<User, UserFilter, "DISPLAY_NAME" | "PRINCIPAL_NAME"> = {
  name: "userList",
  from: '"user"',
  scope: userScope,
  key: ID_KEY,
  filters: {
    search: (text) => contains(["principal_name", "display_name", "email"], text),
  },
  orders: {
    DISPLAY_NAME: { name: "display_name", type: "text", nullable: true },
    PRINCIPAL_NAME: { name: "principal_name", type: "text", nullable: true },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, User, raw),
};
