import { describe, test } from "vitest";
import { describeConformance } from "../../conformance/index.js";
import { mock } from "../../src/plugins/mock/index.js";
import { fakeMockProduct } from "./fake-mock-product.js";

describe("the plugin mock", () => describeConformance(test, { plugin: mock, product: fakeMockProduct }));
