import { Alert } from "./alert.js";
import { AlertNotice } from "./alert-notice.js";
import { AlertRule } from "./alert-rule.js";
import { ApiKey } from "./api-key.js";
import { AppleNotification } from "./apple-notification.js";
import { AppleOperation, AppleOperationHolder } from "./apple-operation.js";
import { AppleUser } from "./apple-user.js";
import { Application } from "./application.js";
import { AuditEvent } from "./audit-event.js";
import { Collection, CollectionMember } from "./collection.js";
import { CountSnapshot } from "./count-snapshot.js";
import { Deployment } from "./deployment.js";
import { DeploymentPlan } from "./deployment-plan.js";
import { DeploymentPlanMember } from "./deployment-plan-member.js";
import { Device } from "./device.js";
import { HolderAlias } from "./holder-alias.js";
import { Installation } from "./installation.js";
import { License } from "./license.js";
import { FirstSchema1800000000000 } from "./migrations/1800000000000-first-schema.js";
import { TrustedSync1800000100000 } from "./migrations/1800000100000-trusted-sync.js";
import { HoldingsAsRead1800000200000 } from "./migrations/1800000200000-holdings-as-read.js";
import { PeopleWhoLeave1800000300000 } from "./migrations/1800000300000-people-who-leave.js";
import { TellOfChanges1800000400000 } from "./migrations/1800000400000-tell-of-changes.js";
import { NotificationsOff1800000500000 } from "./migrations/1800000500000-notifications-off.js";
import { TokenLife1800000600000 } from "./migrations/1800000600000-token-life.js";
import { Claims1800000700000 } from "./migrations/1800000700000-claims.js";
import { UnloggedTurns1800000850000 } from "./migrations/1800000850000-unlogged-turns.js";
import { Leaving1800001000000 } from "./migrations/1800001000000-leaving.js";
import { WaitingList1800001100000 } from "./migrations/1800001100000-waiting-list.js";
import { Plans1800001200000 } from "./migrations/1800001200000-plans.js";
import { NoLeak1800001300000 } from "./migrations/1800001300000-no-leak.js";
import { People1800001400000 } from "./migrations/1800001400000-people.js";
import { Ledger1800001500000 } from "./migrations/1800001500000-ledger.js";
import { Alerts1800001600000 } from "./migrations/1800001600000-alerts.js";
import { Drift1800001700000 } from "./migrations/1800001700000-drift.js";
import { StepsToVerify1800001800000 } from "./migrations/1800001800000-steps-to-verify.js";
import { MassesOfChanges1800001900000 } from "./migrations/1800001900000-masses-of-changes.js";
import { DeploymentsOfTheLedger1800002000000 } from "./migrations/1800002000000-deployments-of-the-ledger.js";
import { PausesBetweenLooks1800002100000 } from "./migrations/1800002100000-pauses-between-looks.js";
import { Circuits1800002200000 } from "./migrations/1800002200000-circuits.js";
import { Forgetting1800002400000 } from "./migrations/1800002400000-forgetting.js";
import { InvitationsShown1800002500000 } from "./migrations/1800002500000-invitations-shown.js";
import { Inquiries1800002513360 } from "./migrations/1800002513360-inquiries.js";
import { KeyedDigests1800002514121 } from "./migrations/1800002514121-keyed-digests.js";
import { StandingOrders1800002613300 } from "./migrations/1800002613300-standing-orders.js";
import { ApiKeys1800113013300 } from "./migrations/1800113013300-api-keys.js";
import { AuditEvents1800113013500 } from "./migrations/1800113013500-audit-events.js";
import { Teams1800113013800 } from "./migrations/1800113013800-teams.js";
import { TellOfCounts1800113014000 } from "./migrations/1800113014000-tell-of-counts.js";
import { AppsByStock1800113014440 } from "./migrations/1800113014440-apps-by-stock.js";
import { NoLinksInAlerts1800113017231 } from "./migrations/1800113017231-no-links-in-alerts.js";
import { HandOverTimes1800113017330 } from "./migrations/1800113017330-hand-over-times.js";
import { CountedInstallations1800113017415 } from "./migrations/1800113017415-counted-installations.js";
import { FilteredLists1800113017450 } from "./migrations/1800113017450-filtered-lists.js";
import { TellOfDeployments1800113017510 } from "./migrations/1800113017510-tell-of-deployments.js";
import { RefusedRegistrations1800113020210 } from "./migrations/1800113020210-refused-registrations.js";
import { SnapshotDays1800113020220 } from "./migrations/1800113020220-snapshot-days.js";
import { EndedLately1800113020251 } from "./migrations/1800113020251-ended-lately.js";
import { RareItems1800113020260 } from "./migrations/1800113020260-rare-items.js";
import { MassesOfCounts1800113020510 } from "./migrations/1800113020510-masses-of-counts.js";
import { DeadlinesInVain1800113021540 } from "./migrations/1800113021540-deadlines-in-vain.js";
import { MissedLicense } from "./missed-license.js";
import { MutationAnswer } from "./mutation-answer.js";
import { RateLimit } from "./rate-limit.js";
import { Reservation } from "./reservation.js";
import { ScheduleSlot } from "./schedule-slot.js";
import { ServiceIdentity } from "./service-identity.js";
import { SnapshotDay } from "./snapshot-day.js";
import { StandingOrder } from "./standing-order.js";
import { StockChange } from "./stock-change.js";
import { StoreApp } from "./store-app.js";
import { SyncRun } from "./sync-run.js";
import { Target } from "./target.js";
import { Token } from "./token.js";
import { User } from "./user.js";
import { WebhookDelivery } from "./webhook-delivery.js";
import { WebhookEndpoint } from "./webhook-endpoint.js";
import { WebhookEvent } from "./webhook-event.js";

/** Everything that is stored. */
export const entities = [
  Alert,
  AlertNotice,
  AlertRule,
  ApiKey,
  AppleNotification,
  AppleOperation,
  AppleOperationHolder,
  AppleUser,
  Application,
  AuditEvent,
  Collection,
  CollectionMember,
  CountSnapshot,
  Deployment,
  DeploymentPlan,
  DeploymentPlanMember,
  Device,
  HolderAlias,
  Installation,
  License,
  MissedLicense,
  MutationAnswer,
  RateLimit,
  Reservation,
  ScheduleSlot,
  ServiceIdentity,
  SnapshotDay,
  StandingOrder,
  StockChange,
  StoreApp,
  SyncRun,
  Target,
  Token,
  User,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEvent,
];

/** In their order; applied at start, each once. */
export const migrations = [
  FirstSchema1800000000000,
  TrustedSync1800000100000,
  HoldingsAsRead1800000200000,
  PeopleWhoLeave1800000300000,
  TellOfChanges1800000400000,
  NotificationsOff1800000500000,
  TokenLife1800000600000,
  Claims1800000700000,
  UnloggedTurns1800000850000,
  Leaving1800001000000,
  WaitingList1800001100000,
  Plans1800001200000,
  NoLeak1800001300000,
  People1800001400000,
  Ledger1800001500000,
  Alerts1800001600000,
  Drift1800001700000,
  StepsToVerify1800001800000,
  MassesOfChanges1800001900000,
  DeploymentsOfTheLedger1800002000000,
  PausesBetweenLooks1800002100000,
  Circuits1800002200000,
  Forgetting1800002400000,
  InvitationsShown1800002500000,
  Inquiries1800002513360,
  KeyedDigests1800002514121,
  StandingOrders1800002613300,
  ApiKeys1800113013300,
  AuditEvents1800113013500,
  Teams1800113013800,
  TellOfCounts1800113014000,
  AppsByStock1800113014440,
  NoLinksInAlerts1800113017231,
  HandOverTimes1800113017330,
  CountedInstallations1800113017415,
  FilteredLists1800113017450,
  TellOfDeployments1800113017510,
  RefusedRegistrations1800113020210,
  SnapshotDays1800113020220,
  EndedLately1800113020251,
  RareItems1800113020260,
  MassesOfCounts1800113020510,
  DeadlinesInVain1800113021540,
];
