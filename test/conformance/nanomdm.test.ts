import { describe, test } from "vitest";
import { describeConformance } from "../../conformance/index.js";
import { micromdm, nanomdm } from "../../src/plugins/nanomdm/index.js";
import { fakeMdmProduct } from "./fake-mdm-product.js";

describe("the plugin nanomdm", () =>
  describeConformance(test, { plugin: nanomdm, product: fakeMdmProduct("nanomdm") }));

describe("the plugin micromdm", () =>
  describeConformance(test, { plugin: micromdm, product: fakeMdmProduct("micromdm") }));
