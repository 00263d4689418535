import { AlertMutations } from "./alert-mutations.js";
import { AlertResolver } from "./alert-resolver.js";
import { AlertRuleResolver } from "./alert-rule-resolver.js";
import { ApiKeyMutations } from "./api-key-mutations.js";
import { ApiKeyResolver } from "./api-key-resolver.js";
import { AppleOperationHolderResolver, AppleOperationResolver } from "./apple-operation-resolver.js";
import { AppleUserResolver } from "./apple-user-resolver.js";
import { ApplicationResolver } from "./application-resolver.js";
import { AuditEventResolver } from "./audit-event-resolver.js";
import { CollectionMutations } from "./collection-mutations.js";
import { CollectionResolver } from "./collection-resolver.js";
import { DeploymentMutations } from "./deployment-mutations.js";
import { DeploymentPlanMemberResolver, DeploymentPlanResolver } from "./deployment-plan-resolver.js";
import { DeploymentResolver } from "./deployment-resolver.js";
import { DeviceResolver } from "./device-resolver.js";
import { DriftMutations } from "./drift-mutations.js";
import { DriftResolver } from "./drift-resolver.js";
import { ExplanationResolver } from "./explanation-resolver.js";
import { InstallationResolver } from "./installation-resolver.js";
import { LeakedLicenseResolver, ReclaimCandidateResolver } from "./leak-resolver.js";
import { LeavingMutations } from "./leaving-mutations.js";
import { LedgerResolver } from "./ledger-resolver.js";
import { LicenseEventResolver } from "./license-event-resolver.js";
import { LicenseEventSubscription } from "./license-event-subscription.js";
import { LicenseMutations } from "./license-mutations.js";
import { LicenseReportResolver, LicenseReportRowResolver } from "./license-report-resolver.js";
import { LicenseResolver } from "./license-resolver.js";
import { NodeResolver } from "./node-resolver.js";
import { OperationMutations } from "./operation-mutations.js";
import { ReservationMutations } from "./reservation-mutations.js";
import { QueuePlaceResolver, ReservationResolver } from "./reservation-resolver.js";
import { StockChangeResolver } from "./stock-change-resolver.js";
import { StoreAppResolver } from "./store-app-resolver.js";
import { Subscriptions } from "./subscriptions.js";
import { SyncRunMutations } from "./sync-run-mutations.js";
import { SyncRunResolver } from "./sync-run-resolver.js";
import { TakeOverMutation } from "./take-over-mutation.js";
import { TargetMutations } from "./target-mutations.js";
import { TargetResolver } from "./target-resolver.js";
import { TeamMutations } from "./team-mutations.js";
import { TokenMutations } from "./token-mutations.js";
import { TokenResolver } from "./token-resolver.js";
import { UserResolver } from "./user-resolver.js";
import { WebhookMutations } from "./webhook-mutations.js";
import { WebhookResolver } from "./webhook-resolver.js";

/** Everything that answers. */
export const resolvers = [
  AlertMutations,
  AlertResolver,
  AlertRuleResolver,
  ApiKeyMutations,
  ApiKeyResolver,
  AppleOperationHolderResolver,
  AppleOperationResolver,
  AppleUserResolver,
  ApplicationResolver,
  AuditEventResolver,
  CollectionMutations,
  CollectionResolver,
  DeploymentMutations,
  DeploymentPlanMemberResolver,
  DeploymentPlanResolver,
  DeploymentResolver,
  DeviceResolver,
  DriftMutations,
  DriftResolver,
  ExplanationResolver,
  InstallationResolver,
  LeavingMutations,
  LedgerResolver,
  LeakedLicenseResolver,
  LicenseEventResolver,
  LicenseMutations,
  LicenseReportResolver,
  LicenseReportRowResolver,
  LicenseResolver,
  NodeResolver,
  OperationMutations,
  ReclaimCandidateResolver,
  QueuePlaceResolver,
  ReservationMutations,
  ReservationResolver,
  StockChangeResolver,
  StoreAppResolver,
  Subscriptions,
  LicenseEventSubscription,
  SyncRunMutations,
  SyncRunResolver,
  TakeOverMutation,
  TargetMutations,
  TargetResolver,
  TeamMutations,
  TokenMutations,
  TokenResolver,
  UserResolver,
  WebhookMutations,
  WebhookResolver,
] as const;
