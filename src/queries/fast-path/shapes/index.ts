import type { FieldJson, Shape } from "../shape.js";
import { accessShapes } from "./access.js";
import { deploymentShapes } from "./deployment.js";
import { licenseShapes } from "./license.js";
import { collectionMember } from "./node.js";
import { queryShape } from "./query.js";
import { reclaimShapes } from "./reclaim.js";
import { storeAppShapes } from "./store-app.js";
import { tokenShapes } from "./token.js";

/** How the objects of each type are read. What is not here is left to the ordinary execution. */
export const shapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    Query: queryShape,
    ...accessShapes,
    ...deploymentShapes,
    ...licenseShapes,
    ...reclaimShapes,
    ...storeAppShapes,
    ...tokenShapes,
  }),
);

/** How rows are read that are objects of several types. */
export const variants: ReadonlyMap<string, FieldJson> = new Map([["CollectionMember", collectionMember]]);
