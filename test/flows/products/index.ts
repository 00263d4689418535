import { commandSenderProduct } from "./command-sender.js";
import { configmgrProduct } from "./configmgr.js";
import { groupAssignerProduct } from "./group-assigner.js";
import { intuneProduct } from "./intune.js";
import { mockProduct } from "./mock.js";
import { microMdmProduct, nanoMdmProduct } from "./nanomdm.js";
import type { Product } from "./product.js";

/** Every product that the one story is told of. */
export const products: readonly Product[] = [
  mockProduct,
  groupAssignerProduct,
  commandSenderProduct,
  intuneProduct,
  nanoMdmProduct,
  microMdmProduct,
  configmgrProduct,
];
