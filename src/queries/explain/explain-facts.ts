import type { AppleOperation } from "../../entities/apple-operation.js";
import type { AppleUser } from "../../entities/apple-user.js";
import type { Application } from "../../entities/application.js";
import type { Deployment } from "../../entities/deployment.js";
import type { Device } from "../../entities/device.js";
import type { Installation } from "../../entities/installation.js";
import type { License } from "../../entities/license.js";
import type { StoreApp } from "../../entities/store-app.js";
import type { Target } from "../../entities/target.js";
import type { Token } from "../../entities/token.js";
import type { User } from "../../entities/user.js";
import type { QueuePlace } from "../queue-places.js";
import type { ServedFirst } from "../served-first.js";

/** All that bears on why one installation is where it is. */
export interface ExplainFacts {
  readonly now: Date;
  readonly installation: Pick<
    Installation,
    | "want"
    | "state"
    | "stateAt"
    | "reason"
    | "detail"
    | "remedy"
    | "handle"
    | "nextLookAt"
    | "deadlineAt"
    | "observedState"
    | "observedAt"
    | "leftAt"
  >;
  readonly deployment: Pick<
    Deployment,
    "action" | "actionAt" | "actionBy" | "licensing" | "onLeave" | "createdAt" | "createdBy" | "deletedAt" | "deletedBy"
  >;
  /** The name of the collection; null when it is deleted. */
  readonly collection: string | null;
  readonly app: Pick<
    StoreApp,
    "name" | "adamId" | "freeCount" | "claimsResumeAt" | "unlistedAt" | "countsAt" | "platforms"
  >;
  readonly token: Pick<Token, "name" | "authority" | "health" | "removingAt">;
  readonly target: Pick<
    Target,
    "name" | "failures" | "openedAt" | "pausedUntil" | "lastError" | "apnsState" | "apnsExpiresAt" | "checkedAt"
  >;
  readonly application: Pick<Application, "readyAt" | "lastError" | "createdAt"> | null;
  readonly device: Pick<Device, "serial" | "name" | "platform" | "state" | "lastSeenAt"> | null;
  readonly user: Pick<User, "principalName" | "displayName" | "leftAt"> | null;
  /** The user's registration with the token that is not over, or the last one that Apple refused. */
  readonly registration: Pick<AppleUser, "status" | "email" | "addedAt"> | null;
  /** The licence that it uses, or whose return it awaits. */
  readonly license: Pick<License, "state" | "holderKey" | "startedAt" | "assignedAt"> | null;
  /** The one of the device's former user, or of a deployment that has left the app to this one, until there is another. */
  readonly formerLicense: Pick<License, "holderKey" | "holderKind" | "startedAt"> | null;
  /** What is being asked of Apple for that licence or registration. */
  readonly operation: Pick<
    AppleOperation,
    "intent" | "state" | "attempts" | "forgivenAttempts" | "nextAttemptAt" | "eventId" | "lastError" | "createdAt"
  > | null;
  /** Its place among those who wait for stock. */
  readonly queue: QueuePlace | null;
  /** Who was served first though their turn comes later. */
  readonly servedFirst: readonly (ServedFirst & { readonly collection: string | null })[];
  /** The name of the collection whose install wins over this uninstall. */
  readonly keptBy: string | null;
  /** The removal of the app from the device by another deployment, for which this install waits. */
  readonly hinderedBy: {
    /** The name of that deployment's collection; null when it is deleted. */
    readonly collection: string | null;
    readonly since: Date;
    readonly deadlineAt: Date | null;
  } | null;
  /** The name of the token by whose licence the device has the app. */
  readonly otherToken: string | null;
}
