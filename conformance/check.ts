import type { Plugin } from "../src/plugins/contract.js";
import type { Scene } from "./scene.js";

/** One promise of the contract, tried. */
export interface Check {
  /** What holds, as a sentence about the plugin. */
  readonly title: string;
  /** Whether the plugin's definition promises this at all; left out: every plugin does. */
  readonly concerns?: (plugin: Plugin) => boolean;
  play(scene: Scene): Promise<void>;
}

export const overNetwork = (plugin: Plugin): boolean => plugin.abilities.network;
