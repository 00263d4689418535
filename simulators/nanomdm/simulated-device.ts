import type { InstallEnd, SimulatedApp } from "./simulated-app.js";

export type DeviceKind = "iPhone" | "iPad" | "Mac" | "AppleTV" | "SharedIPad" | "UserEnrollment";

/** One error of an answer. */
export interface ErrorCause {
  readonly ErrorCode: number;
  readonly ErrorDomain: string;
  readonly LocalizedDescription?: string | undefined;
  readonly USEnglishDescription?: string | undefined;
}

/** What a device does with the commands that come, instead of carrying them out. Each answer counts one down. */
export interface PlannedAnswer {
  count: number;
  /** The RequestType that it is for; all if left out. */
  readonly requestType?: string | undefined;
  readonly status: "NotNow" | "Error" | "CommandFormatError";
  readonly errorChain?: readonly ErrorCause[] | undefined;
}

/** A device as it stands on somebody's desk. */
export interface SimulatedDevice {
  /** What commands are queued for: the UDID, under User Enrollment the EnrollmentID. */
  readonly id: string;
  readonly udid: string;
  readonly kind: DeviceKind;
  readonly serialNumber: string;
  readonly name: string;
  readonly productName: string;
  /** Who is signed in to the App Store. */
  readonly account: string | null;
  readonly apps: Map<string, SimulatedApp>;
  isEnrolled: boolean;
  /** False: nothing reaches it, and it does not come by itself. */
  isOnline: boolean;
  /** How the installs of apps end here; by adamId, or `*` for all. */
  readonly installEnds: Map<string, InstallEnd>;
  /** Why installs are refused; by adamId, or `*`. */
  readonly rejections: Map<string, string>;
  readonly plannedAnswers: PlannedAnswer[];
  /** Invitations that were shown. */
  readonly invitations: string[];
  /** InstallApplication that it has carried out, by adamId. */
  readonly installs: Map<string, number>;
}

const PRODUCTS: Readonly<Record<DeviceKind, string>> = {
  iPhone: "iPhone14,2",
  iPad: "iPad13,4",
  SharedIPad: "iPad13,4",
  UserEnrollment: "iPhone15,3",
  Mac: "Mac14,7",
  AppleTV: "AppleTV14,1",
};

/** A device that has never been used. */
export function newDevice(
  kind: DeviceKind,
  ids: Pick<SimulatedDevice, "id" | "udid" | "serialNumber" | "account">,
): SimulatedDevice {
  return {
    ...ids,
    kind,
    name: `${kind} ${ids.serialNumber}`,
    productName: PRODUCTS[kind],
    apps: new Map(),
    isEnrolled: false,
    isOnline: true,
    installEnds: new Map(),
    rejections: new Map(),
    plannedAnswers: [],
    invitations: [],
    installs: new Map(),
  };
}
