import { z } from "zod";
import type { AppRef } from "../contract.js";
import type { AppAt } from "./assignments.js";

const stepHandle = z.object({
  app: z.string().min(1),
  device: z.string().min(1),
  wants: z.enum(["installed", "removed"]),
  since: z.coerce.date(),
});

/** What a Step left behind: Intune knows states of apps on devices, and no commands, so the handle says what it was. */
export type StepHandle = z.infer<typeof stepHandle>;

export function writeHandle({ app, device, wants, since }: StepHandle): string {
  return JSON.stringify({ app, device, wants, since: since.toISOString() });
}

/** Null for a handle that is not of this plugin. */
export function readHandle(handle: string): StepHandle | null {
  return parse(stepHandle, handle);
}

const appHandle = z.object({ ios: z.string().min(1).nullable(), mac: z.string().min(1).nullable() });

/** One store app is up to two objects at Intune, one a platform. */
export type AppHandle = z.infer<typeof appHandle>;

export function writeAppHandle({ ios, mac }: AppHandle): string {
  return JSON.stringify({ ios, mac });
}

export function readAppHandle({ applicationHandle }: AppRef): AppHandle | null {
  return applicationHandle === null ? null : parse(appHandle, applicationHandle);
}

/** All its objects. */
export function appsOf({ ios, mac }: AppHandle): AppAt[] {
  return [
    ...(ios === null ? [] : [{ kind: "iosVppApp" as const, id: ios }]),
    ...(mac === null ? [] : [{ kind: "macOsVppApp" as const, id: mac }]),
  ];
}

/** The object for a device's platform. */
export function appFor(handle: AppHandle, platform: string | null): AppAt | null {
  const [kind, id] =
    platform === "macOS" ? (["macOsVppApp", handle.mac] as const) : (["iosVppApp", handle.ios] as const);
  return id === null ? null : { kind, id };
}

function parse<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
