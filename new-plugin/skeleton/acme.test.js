import { test } from "node:test";
import { describeConformance } from "allotment/plugin-testing";
import plugin from "./acme.js";
import { startFakeProduct } from "./fake-product.js";

describeConformance(test, { plugin, product: startFakeProduct });
