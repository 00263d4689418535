/** Every `PluginErrorKind`. */
export const PLUGIN_ERROR_KINDS = ["config", "transient", "rejected", "internal"] as const;

/**
 * `config`: an admin must change the settings or the product; not repeated in a hurry.
 * `transient`: worth another try, after `retryAfterMs` when given.
 * `rejected`: the product's final no to this very request.
 * `internal`: the plugin met what it does not understand.
 */
export type PluginErrorKind = (typeof PLUGIN_ERROR_KINDS)[number];

export interface PluginErrorOptions {
  /** With `transient`: how long the product asks to be left alone, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** The product's own code for the error, for whoever asks its makers. */
  readonly vendorCode?: string;
  /** What was caught, for the log. No secret in it either. */
  readonly cause?: unknown;
}

const KINDS: ReadonlySet<unknown> = new Set(PLUGIN_ERROR_KINDS);

/** The same in every copy of this module. */
const MARK = Symbol.for("allotment.PluginError");

/**
 * The only error a plugin throws. Its message is shown to admins: a sentence on what is wrong and what to do, with no
 * secret and no stack. `instanceof` also knows one that was made by another copy of this module.
 */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly [MARK] = true;

  constructor(
    readonly kind: PluginErrorKind,
    message: string,
    readonly options: PluginErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass recognises its own instances only
    if (this !== PluginError) return Function.prototype[Symbol.hasInstance].call(this, value);
    if (!(value instanceof Error) || !(MARK in value)) return false;
    const { kind, options } = value as Partial<PluginError>;
    return KINDS.has(kind) && typeof options === "object" && options !== null;
  }
}
