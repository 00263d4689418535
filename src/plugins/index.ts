import { configmgr } from "./configmgr/index.js";
import type { Plugin } from "./contract.js";
import { intune } from "./intune/index.js";
import { mock } from "./mock/index.js";
import { micromdm, nanomdm } from "./nanomdm/index.js";

/** The plugins that come with Allotment; a new MDM is added here. */
export const plugins: readonly Plugin[] = [mock, intune, nanomdm, micromdm, configmgr];
