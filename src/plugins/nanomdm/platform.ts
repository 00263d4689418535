import type { Checkin } from "./wire.js";

const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/^(iPhone|iPad|iPod)/, "iOS"],
  [/^AppleTV/, "tvOS"],
  [/^Watch/, "watchOS"],
  [/^RealityDevice/, "visionOS"],
  [/^(VirtualMac|i?Mac)/, "macOS"],
];

/** The platform by Apple's product identifier, such as `iPhone14,2`; null for one not known here. */
export function platformOf({ ProductName, Model }: Pick<Checkin, "ProductName" | "Model">): string | null {
  const product = ProductName || Model || "";
  return PLATFORMS.find(([pattern]) => pattern.test(product))?.[1] ?? null;
}
