import { describe, test } from "vitest";
import { describeConformance } from "../../conformance/index.js";
import { configmgr } from "../../src/plugins/configmgr/index.js";
import { fakeAdminService } from "./fake-adminservice.js";

describe("the plugin configmgr", () => describeConformance(test, { plugin: configmgr, product: fakeAdminService }));
