import { Alert } from "../entities/alert.js";
import { AlertRule } from "../entities/alert-rule.js";
import { ApiKey } from "../entities/api-key.js";
import { AppleOperation } from "../entities/apple-operation.js";
import { AppleUser } from "../entities/apple-user.js";
import { Application } from "../entities/application.js";
import { AuditEvent } from "../entities/audit-event.js";
import { Collection } from "../entities/collection.js";
import { Deployment } from "../entities/deployment.js";
import { DeploymentPlan } from "../entities/deployment-plan.js";
import { Device } from "../entities/device.js";
import { Installation } from "../entities/installation.js";
import { License } from "../entities/license.js";
import { Reservation } from "../entities/reservation.js";
import { StockChange } from "../entities/stock-change.js";
import { StoreApp } from "../entities/store-app.js";
import { SyncRun } from "../entities/sync-run.js";
import { Target } from "../entities/target.js";
import { Token } from "../entities/token.js";
import { User } from "../entities/user.js";
import { WebhookDelivery } from "../entities/webhook-delivery.js";
import { WebhookEndpoint } from "../entities/webhook-endpoint.js";
import { deviceScope, userScope } from "./holder-scopes.js";
import type { NodeClass } from "./node-key.js";
import {
  alertScope,
  collectionScope,
  ownByTeams,
  ownCollection,
  type Scope,
  targetScope,
  toNoTeam,
  withToken,
} from "./scopes.js";

/** What has a global id, and which of it a team sees. */
const SCOPES: ReadonlyMap<NodeClass, Scope> = new Map<NodeClass, Scope>([
  [Alert, alertScope],
  [AlertRule, withToken],
  [ApiKey, toNoTeam],
  [AppleOperation, withToken],
  [AppleUser, withToken],
  [Application, withToken],
  [AuditEvent, toNoTeam],
  [Collection, collectionScope],
  [Deployment, withToken],
  [DeploymentPlan, withToken],
  [Device, deviceScope],
  [Installation, withToken],
  [License, withToken],
  [Reservation, withToken],
  [StockChange, withToken],
  [StoreApp, withToken],
  [SyncRun, withToken],
  [Target, targetScope],
  [Token, ownByTeams],
  [User, userScope],
  [WebhookDelivery, toNoTeam],
  [WebhookEndpoint, toNoTeam],
]);

/** What may be seen without being one's own. */
const OWN: ReadonlyMap<NodeClass, Scope> = new Map<NodeClass, Scope>([
  [Collection, ownCollection],
  [Target, ownByTeams],
]);

/** The class of that name; null when nothing of that name has a global id. */
export function nodeNamed(name: string): NodeClass | null {
  return [...SCOPES.keys()].find((node) => node.name === name) ?? null;
}

/** Which rows of a class a team sees. @throws Error for a class of which nobody has said. */
export function scopeOf(node: NodeClass): Scope {
  const scope = SCOPES.get(node);
  if (!scope) throw new Error(`Nobody has said which ${node.name} a team sees`);
  return scope;
}

/** Which rows of a class are a team's own. */
export function ownScopeOf(node: NodeClass): Scope {
  return OWN.get(node) ?? scopeOf(node);
}
