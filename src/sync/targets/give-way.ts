import type { Core } from "../core.js";

/**
 * Lets go first what is due at a target: what reads a large one takes long, and holds its queue all the while. Given by the
 * worker, since what is due there is no matter of whoever reads.
 */
export type GiveWay = (core: Core, targetId: string) => Promise<void>;

/** For what is done by a call or two. */
export const inOneGo: GiveWay = async () => undefined;
