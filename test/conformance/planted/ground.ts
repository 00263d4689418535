import type { StartFakeProduct } from "../../../conformance/index.js";
import {
  type HolderKind,
  type HolderPage,
  type Plugin,
  PluginError,
  type PluginTools,
  type TargetConnection,
  type Webhook,
} from "../../../src/plugins/contract.js";
import { nanomdm } from "../../../src/plugins/nanomdm/index.js";
import { commandSender } from "../../support/plugins/command-sender.js";
import { groupAssigner } from "../../support/plugins/group-assigner.js";
import { fakeCommandProduct } from "../fake-command-product.js";
import { fakeGroupProduct } from "../fake-group-product.js";
import { fakeMdmProduct } from "../fake-mdm-product.js";

/** A good plugin with its product, to be spoiled. */
export interface Ground {
  readonly plugin: Plugin;
  readonly product: StartFakeProduct;
}

export const COMMANDS: Ground = { plugin: commandSender as unknown as Plugin, product: fakeCommandProduct };
export const GROUPS: Ground = { plugin: groupAssigner as unknown as Plugin, product: fakeGroupProduct };
/** Neither of the others can show people Apple's invitation, or ask devices for their serial numbers. */
export const DEVICES: Ground = { plugin: nanomdm as unknown as Plugin, product: fakeMdmProduct("nanomdm") };

/** One fault in a good plugin. */
export interface Planted {
  /** What the plugin does. */
  readonly fault: string;
  readonly ground: Ground;
  readonly plugin: Plugin;
  /** The title of the check that is meant for it. */
  readonly caughtBy: string;
  /** What the check says. */
  readonly saying: RegExp;
}

/** What a plugin with one fault does otherwise than the good one. */
export type Spoil = (
  good: TargetConnection,
  tools: PluginTools,
  settings: Record<string, unknown>,
) => Partial<TargetConnection>;

/** The plugin with one fault in its connections; whatever else it does is right. */
export function plantInConnection({ plugin }: Ground, spoil: Spoil): Plugin {
  return {
    ...plugin,
    async connect(settings, tools) {
      const good = await plugin.connect(settings, tools);
      return { ...good, ...spoil(good, tools, settings) };
    },
  };
}

/** The plugin that sends commands, with one fault in how it reads events. */
export function plantInRead(spoil: (good: Webhook) => Webhook["read"]): Plugin {
  return plantInConnection(COMMANDS, ({ webhook }) => {
    const good = need(webhook);
    return { webhook: { verify: good.verify, read: spoil(good) } };
  });
}

/** The plugin with one fault in how it reaches its product. */
export function plantInFetch({ plugin }: Ground, spoil: (fetch: PluginTools["fetch"]) => PluginTools["fetch"]): Plugin {
  return { ...plugin, connect: (settings, tools) => plugin.connect(settings, { ...tools, fetch: spoil(tools.fetch) }) };
}

/** The good plugin's page. */
export async function listOf<K extends HolderKind>(
  good: TargetConnection,
  kind: K,
  cursor: string | null,
  signal: AbortSignal,
): Promise<HolderPage<K>> {
  return need(good.listHolders?.bind(good))(kind, cursor, signal);
}

/** Throws what a good plugin has thrown, changed. */
export function passingOn(error: unknown, change: (error: PluginError) => PluginError): never {
  throw error instanceof PluginError ? change(error) : error;
}

export function need<T>(member: T | undefined): T {
  if (member === undefined) throw new Error("The good plugin lacks what was to be spoiled.");
  return member;
}
