import { describe, test } from "vitest";
import { describeConformance } from "../../conformance/index.js";
import { commandSender } from "../support/plugins/command-sender.js";
import { fakeCommandProduct } from "./fake-command-product.js";

describe("the plugin command-sender", () =>
  describeConformance(test, { plugin: commandSender, product: fakeCommandProduct }));
