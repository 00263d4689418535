import { playDeploymentHistory } from "./deployments/play-deployment-history.js";
import type { PlayHistory } from "./history.js";
import { playSyncHistory } from "./sync/play-sync-history.js";

/** The kinds of histories, by the name that `--kind` takes. */
export const KINDS = { sync: playSyncHistory, deployments: playDeploymentHistory } as const satisfies Readonly<
  Record<string, PlayHistory>
>;

export type Kind = keyof typeof KINDS;
