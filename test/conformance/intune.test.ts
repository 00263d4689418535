import { describe, test } from "vitest";
import { describeConformance } from "../../conformance/index.js";
import { intune } from "../../src/plugins/intune/index.js";
import { fakeGraphProduct } from "./fake-graph-product.js";

describe("the plugin intune", () => describeConformance(test, { plugin: intune, product: fakeGraphProduct }));
