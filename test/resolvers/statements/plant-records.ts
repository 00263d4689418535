import { randomUUID } from "node:crypto";
import { AlertRule, AlertRuleKind } from "../../../src/entities/alert-rule.js";
import { ApiKey } from "../../../src/entities/api-key.js";
import { AuditEvent, AuditOutcome } from "../../../src/entities/audit-event.js";
import type { Node } from "../../../src/entities/node.js";
import { Role } from "../../../src/entities/role.js";
import { SyncPhase, SyncRunState } from "../../../src/entities/sync-run.js";
import { WebhookDelivery, WebhookDeliveryState, WebhookMessageType } from "../../../src/entities/webhook-delivery.js";
import { WebhookEndpoint } from "../../../src/entities/webhook-endpoint.js";
import { MOMENT } from "../../http/sample-rows.js";
import type { SampleApi } from "../sample-api.js";
import type { Inventory } from "./plant-inventory.js";
import { plantPlan } from "./plant-plan.js";

/** What the service keeps of what has happened. */
export async function plantRecords(api: SampleApi, inventory: Inventory): Promise<Node[]> {
  const { rows, dataSource } = api;
  const { token, storeApp, collection } = inventory;
  await dataSource.query(
    `INSERT INTO apple_notification (token_id, notification_id, type, body, received_at) VALUES ($1, $2, 'TEST', '{}', $3)`,
    [token.id, randomUUID(), MOMENT],
  );
  return [
    await rows.syncRun(token, {
      ...{ state: SyncRunState.FAILED, phase: SyncPhase.ASSETS, error: "No answer.", warnings: ["Slow."] },
    }),
    await rows.stockChange(storeApp),
    await rows.reservation(storeApp, collection, { endedAt: MOMENT, releasedBy: "admin" }),
    await rows.mismatch(storeApp, { tokenId: token.id }),
    await rows.mismatch(storeApp, { tokenId: token.id, clearedAt: MOMENT }),
    ...(await plantRules(api, inventory)),
    await plantKey(api),
    await plantAuditEvent(api),
    ...(await plantWebhook(api)),
    ...(await plantPlan(api, inventory)),
  ];
}

async function plantRules({ dataSource }: SampleApi, { token, storeApp }: Inventory): Promise<AlertRule[]> {
  const rule = (own: Partial<AlertRule>) =>
    dataSource.manager.save(
      Object.assign(
        new AlertRule(),
        { id: randomUUID(), tokenId: token.id, muted: false, setAt: MOMENT, setBy: "admin" },
        own,
      ),
    );
  return [
    await rule({ kind: AlertRuleKind.LOW_STOCK, storeAppId: storeApp.id, below: 5, belowPercent: 10 }),
    await rule({ kind: AlertRuleKind.SYNC_FAILED, failures: 3 }),
    await rule({ kind: AlertRuleKind.OPERATION_STUCK, afterHours: 4, attempts: 3 }),
  ];
}

function plantKey({ dataSource }: SampleApi): Promise<ApiKey> {
  const key = { id: randomUUID(), name: `Key ${randomUUID()}`, prefix: randomUUID(), hash: Buffer.from(randomUUID()) };
  const over = { expiresAt: MOMENT, lastUsedAt: MOMENT, revokedAt: MOMENT, revokedBy: "admin" };
  const made = { role: Role.VIEWER, teams: ["a team"], createdAt: MOMENT, createdBy: "admin" };
  return dataSource.manager.save(Object.assign(new ApiKey(), key, over, made));
}

function plantAuditEvent({ dataSource }: SampleApi): Promise<AuditEvent> {
  const who = { id: randomUUID(), at: MOMENT, actor: "admin", role: Role.ADMIN, teams: ["a team"] };
  const what = { mutation: "syncToken", input: { token: "a token" }, requestId: randomUUID(), idempotencyKey: "once" };
  const outcome = { outcome: AuditOutcome.REFUSED, code: "NOT_FOUND" };
  return dataSource.manager.save(Object.assign(new AuditEvent(), who, what, outcome));
}

async function plantWebhook({ dataSource }: SampleApi): Promise<Node[]> {
  const endpoint = await dataSource.manager.save(
    Object.assign(new WebhookEndpoint(), {
      ...{
        id: randomUUID(),
        url: "https://hooks.example.com",
        secret: "sealed-beyond-recognition",
        kinds: ["LOW_STOCK"],
      },
      ...{ addedAt: MOMENT, addedBy: "admin", deliveredAt: MOMENT, lastError: "Status 500" },
    }),
  );
  const delivery = await dataSource.manager.save(
    Object.assign(new WebhookDelivery(), {
      ...{ id: randomUUID(), endpointId: endpoint.id, type: WebhookMessageType.TEST, data: {}, attempts: 2 },
      ...{ state: WebhookDeliveryState.GIVEN_UP, statusCode: 500, error: "Status 500" },
      ...{ createdAt: MOMENT, nextAttemptAt: MOMENT, endedAt: MOMENT },
    }),
  );
  return [endpoint, delivery];
}
