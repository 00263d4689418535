import { AppleOperationHolder } from "../../entities/apple-operation.js";
import { byOperation } from "../columns.js";
import { isAmong } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { withToken } from "../scopes.js";

interface OperationHolderFilter {
  readonly outcome?: readonly string[] | null;
}

export const operationHolderList: List<AppleOperationHolder, OperationHolderFilter, never> = {
  name: "operationHolderList",
  from: "apple_operation_holder",
  scope: withToken,
  key: [...byOperation.columns, { name: "holder_kind", type: "text" }, { name: "holder_key", type: "text" }],
  filters: {
    outcome: (outcomes) => isAmong("outcome", outcomes),
  },
  orders: {},
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, AppleOperationHolder, raw),
};
