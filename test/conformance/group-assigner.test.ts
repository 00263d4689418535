import { describe, test } from "vitest";
import { describeConformance } from "../../conformance/index.js";
import { groupAssigner } from "../support/plugins/group-assigner.js";
import { fakeGroupProduct } from "./fake-group-product.js";

describe("the plugin group-assigner", () =>
  describeConformance(test, { plugin: groupAssigner, product: fakeGroupProduct }));
