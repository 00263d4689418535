import { apps } from "./apps.js";
import { deployment } from "./deployment.js";
import { device } from "./device.js";
import { licenses, licensesNested } from "./licenses.js";
import type { Operation } from "./operation.js";
import { report } from "./report.js";

/** What is measured, in its order. */
export const operations: readonly Operation[] = [apps, licenses, licensesNested, device, deployment, report];
