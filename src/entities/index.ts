import { Alert } from "./alert.js";
import { AppleNotification } from "./apple-notification.js";
import { AppleOperation, AppleOperationHolder } from "./apple-operation.js";
import { AppleUser } from "./apple-user.js";
import { Application } from "./application.js";
import { Collection, CollectionMember } from "./collection.js";
import { Deployment } from "./deployment.js";
import { Device } from "./device.js";
import { HolderAlias } from "./holder-alias.js";
import { Installation } from "./installation.js";
import { License } from "./license.js";
import { FirstSchema1800000000000 } from "./migrations/1800000000000-first-schema.js";
import { TrustedSync1800000100000 } from "./migrations/1800000100000-trusted-sync.js";
import { PeopleWhoLeave1800000300000 } from "./migrations/1800000300000-people-who-leave.js";
import { TellOfChanges1800000400000 } from "./migrations/1800000400000-tell-of-changes.js";
import { MutationAnswer } from "./mutation-answer.js";
import { RateLimit } from "./rate-limit.js";
import { ScheduleSlot } from "./schedule-slot.js";
import { ServiceIdentity } from "./service-identity.js";
import { StockChange } from "./stock-change.js";
import { StoreApp } from "./store-app.js";
import { SyncRun } from "./sync-run.js";
import { Target } from "./target.js";
import { Token } from "./token.js";
import { User } from "./user.js";
import { WebhookEvent } from "./webhook-event.js";

/** Everything that is stored. */
export const entities = [
  Alert,
  AppleNotification,
  AppleOperation,
  AppleOperationHolder,
  AppleUser,
  Application,
  Collection,
  CollectionMember,
  Deployment,
  Device,
  HolderAlias,
  Installation,
  License,
  MutationAnswer,
  RateLimit,
  ScheduleSlot,
  ServiceIdentity,
  StockChange,
  StoreApp,
  SyncRun,
  Target,
  Token,
  User,
  WebhookEvent,
];

/** In their order; applied at start, each once. */
export const migrations = [
  FirstSchema1800000000000,
  TrustedSync1800000100000,
  PeopleWhoLeave1800000300000,
  TellOfChanges1800000400000,
];
