import { randomUUID } from "node:crypto";
import { AppleUserStatus } from "../../../src/entities/apple-user.js";
import { AuditEvent, AuditOutcome } from "../../../src/entities/audit-event.js";
import { CollectionKind } from "../../../src/entities/collection.js";
import { DeploymentAction, DeploymentLicensing } from "../../../src/entities/deployment.js";
import { DeploymentPlan, PlanCertainty, PlanWarningCode } from "../../../src/entities/deployment-plan.js";
import { DeploymentPlanMember, PlannedLicense, PlanOutcome } from "../../../src/entities/deployment-plan-member.js";
import { InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { HolderKind, LicenseCause, LicenseState } from "../../../src/entities/license.js";
import { Role } from "../../../src/entities/role.js";
import { ProductType, UNLIMITED } from "../../../src/entities/store-app.js";
import { ApnsState } from "../../../src/entities/target.js";
import { WebhookDelivery, WebhookDeliveryState, WebhookMessageType } from "../../../src/entities/webhook-delivery.js";
import { WebhookEndpoint } from "../../../src/entities/webhook-endpoint.js";
import { MOMENT } from "../../http/sample-rows.js";
import type { SampleApi } from "../../resolvers/sample-api.js";
import { type PlantedTeam, plantTeam } from "../../resolvers/scope/plant-team.js";

/** Texts that have to be written with care. */
const AWKWARD = [
  "north",
  'a "quoted" name',
  "back\\slash\\",
  "tab\tand\nline",
  "Ünïcödé 🦆",
  "it's",
  "<b>&amp;</b>",
  "",
];

/** Two teams' things, and of each kind several that differ in what may be missing. */
export async function plantWorld(api: SampleApi): Promise<readonly PlantedTeam[]> {
  const teams = [await plantTeam(api, "North"), await plantTeam(api, "South")];
  for (const team of teams) await plantMore(api, team);
  await plantShared(api);
  return teams;
}

async function plantMore(api: SampleApi, team: PlantedTeam): Promise<void> {
  const { rows } = api;
  const { token, storeApp, target, collection, device, user } = team.objects as unknown as Things;
  const apps = [];
  for (const [at, name] of AWKWARD.entries()) {
    apps.push(
      await rows.storeApp(token, {
        name: at === 3 ? null : `${name} ${team.name}`,
        totalCount: at === 4 ? UNLIMITED : 10 + at,
        ...{
          availableCount: at,
          assignedCount: at % 3,
          retiredCount: at % 2,
          heldCount: at % 4,
          genres: AWKWARD.slice(0, at),
        },
        ...(at === 5 && { productType: ProductType.BOOK, deviceAssignable: false, revocable: false }),
        ...(at === 6 && { unlistedAt: MOMENT, bundleId: 'com."x"', iconUrl: "https://x.example.com/?a=1&b=2" }),
      }),
    );
  }
  const people = [user];
  for (const [at, name] of AWKWARD.entries()) {
    people.push(
      await rows.user({
        displayName: at === 2 ? null : name,
        ...(at === 1 && { leftAt: MOMENT, email: "left@example.com" }),
      }),
    );
  }
  const devices = [device];
  for (const [at, name] of AWKWARD.entries()) {
    const own = {
      userId: at % 2 === 0 ? (people[at]?.id ?? null) : null,
      lastSeenAt: at % 3 === 0 ? new Date(MOMENT.getTime() + at) : null,
    };
    devices.push(
      await rows.device({
        name: at === 1 ? null : name,
        serial: at === 2 ? null : `${team.name}-${at}`.toUpperCase(),
        ...own,
      }),
    );
  }
  await rows.appleUser(token, {
    status: AppleUserStatus.REGISTERED,
    invitationUrl: "https://invite.example.com/1",
    userId: people[1]?.id ?? null,
  });
  await rows.appleUser(token, { status: AppleUserStatus.RETIRED });
  for (const [at, held] of devices.entries()) {
    const started = {
      startedAt: new Date(MOMENT.getTime() - at * 86_400_000),
      deviceId: held.id,
      holderKey: held.serial ?? "?",
    };
    await rows.license(storeApp, {
      ...started,
      holderKey: `${team.name} ${at}`,
      neverReclaim: at === 1,
      startCause: LicenseCause.MANUAL,
    });
    const ended = {
      state: LicenseState.ENDED,
      endedAt: MOMENT,
      endCause: LicenseCause.DEPLOYMENT,
      endActor: AWKWARD[at % 8] ?? "",
    };
    await rows.license(apps[at % 8] ?? storeApp, {
      ...started,
      ...ended,
      startDeploymentId: at % 2 === 0 ? "1" : null,
      lastDeploymentId: "1",
    });
  }
  await rows.license(storeApp, { holderKind: HolderKind.USER, holderKey: "nobody's" });
  for (const [at, own] of LEAKED.entries()) {
    await rows.license(apps[at % 6] ?? storeApp, {
      startCause: LicenseCause.DEPLOYMENT,
      holderKey: `leaked ${at}`,
      ...own,
    });
  }
  const deployment = await rows.deployment(apps[0] as never, target, collection);
  const states = [
    InstallationState.INSTALLED,
    InstallationState.WAITING_FOR_LICENSE,
    InstallationState.FAILED,
    InstallationState.REQUESTED,
  ];
  for (const [at, own] of devices.entries()) {
    await rows
      .installation(deployment, {
        ...{ deviceId: own.id, userId: own.userId, state: states[at % 4] ?? InstallationState.FAILED },
        ...{
          detail: AWKWARD[at % 8] ?? null,
          leftAt: at % 3 === 1 ? MOMENT : null,
          stateAt: new Date(MOMENT.getTime() + at),
        },
        ...(at === 2 && { reason: InstallationReason.KEPT_BY_INSTALL, deviceId: device.id }),
        ...(at % 4 === 2 && at > 2 && { reason: InstallationReason.RECLAIMED }),
        ...(at === 4 && { state: InstallationState.REMOVED, reason: InstallationReason.RECLAIMED }),
      })
      .catch(() => undefined);
    await rows.member(collection, own).catch(() => undefined);
  }
  const users = await rows.collection({
    name: `people of ${team.name}`,
    kind: CollectionKind.USER,
    teams: [team.name],
    shrinkHeldAt: MOMENT,
  });
  for (const person of people) await rows.member(users, person);
  await rows.reservation(apps[1] as never, users, { count: 3 });
  await rows.reservation(apps[2] as never, collection, { endedAt: MOMENT, releasedBy: "admin" });
  for (let at = 0; at < 4; at++)
    await rows.stockChange(storeApp, {
      seenAt: new Date(MOMENT.getTime() + at),
      totalAfter: at === 2 ? UNLIMITED : at,
    });
  await plantPlan(api, team, deployment.id);
}

/** Licences that nothing wants, and what hinders taking them back. */
const LEAKED = [
  { neverReclaim: true },
  { startCause: LicenseCause.EXTERNAL },
  { operationId: "1" },
  { startCause: LicenseCause.SYNC },
  { abandonedAt: MOMENT },
  {},
];

type Things = Readonly<{
  token: Parameters<SampleApi["rows"]["storeApp"]>[0];
  storeApp: Parameters<SampleApi["rows"]["license"]>[0];
  target: Parameters<SampleApi["rows"]["deployment"]>[1];
  collection: Parameters<SampleApi["rows"]["deployment"]>[2];
  device: Awaited<ReturnType<SampleApi["rows"]["device"]>>;
  user: Awaited<ReturnType<SampleApi["rows"]["user"]>>;
}>;

async function plantPlan({ dataSource }: SampleApi, team: PlantedTeam, deploymentId: string): Promise<void> {
  const { storeApp, target, collection, device, user, token } = team.objects as unknown as Things;
  const stock = { total: null, held: 3, free: 2, reservedForOthers: 1, waiting: 0 };
  const plan = await dataSource.manager.save(
    Object.assign(new DeploymentPlan(), {
      ...{ tokenId: token.id, storeAppId: storeApp.id, collectionId: collection.id, targetId: target.id },
      ...{ action: DeploymentAction.INSTALL, licensing: DeploymentLicensing.USER, certainty: PlanCertainty.PREDICTED },
      ...{ stockBefore: stock, stockAfter: { ...stock, total: 10, free: null } },
      outcomeCounts: [
        { outcome: PlanOutcome.INSTALL, reason: null, license: PlannedLicense.NEW, count: 2 },
        { outcome: PlanOutcome.NOT_APPLICABLE, reason: InstallationReason.NO_SERIAL, license: null, count: 1 },
      ],
      warnings: [{ code: PlanWarningCode.PREDICTED, message: 'It is "only" predicted.' }],
      ...{
        countsAt: new Date(MOMENT.getTime() - 1_234),
        lastSyncAt: new Date(MOMENT.getTime() - 61_001),
        holdersImportedAt: null,
      },
      ...{ createdBy: "admin", createdAt: MOMENT, expiresAt: MOMENT, usedAt: MOMENT, deploymentId },
    }),
  );
  for (let position = 0; position < 4; position++) {
    await dataSource.manager.save(
      Object.assign(new DeploymentPlanMember(), {
        ...{
          tokenId: token.id,
          planId: plan.id,
          position,
          deviceId: position === 1 ? null : device.id,
          userId: user.id,
        },
        ...{ outcome: PlanOutcome.INSTALL, license: position === 0 ? null : PlannedLicense.JOINED },
      }),
    );
  }
}

/** What is about the whole installation, and targets and tokens in other states. */
async function plantShared({ rows, dataSource, ask }: SampleApi): Promise<void> {
  const finding = { severity: "error", code: "SOME_CODE", message: 'Says "no"' };
  await rows.target({
    ...{ apnsState: ApnsState.VALID, apnsExpiresAt: MOMENT, findings: [finding, { ...finding, remedy: "Do it." }] },
    ...{
      failures: 3,
      openedAt: MOMENT,
      pausedUntil: new Date("2100-01-01T00:00:00Z"),
      lastError: "refused",
      lastFailedAt: MOMENT,
    },
  });
  await rows.target({ failures: 3, openedAt: MOMENT, pausedUntil: new Date("2001-01-01T00:00:00Z") });
  const contacts = [
    { name: "A", email: "a@example.com" },
    { name: 'B "b"', email: "b@example.com" },
  ];
  const token = await rows.token({
    name: "well kept",
    contacts,
    categories: AWKWARD,
    teams: ["North", "South", "West"],
    expiresAt: MOMENT,
  });
  await dataSource.query(
    `INSERT INTO apple_notification (token_id, notification_id, type, body, received_at) VALUES ($1, $2, 'ASSET', '{}', $3)`,
    [token.id, randomUUID(), MOMENT],
  );
  const endpoint = await dataSource.manager.save(
    Object.assign(new WebhookEndpoint(), {
      ...{ id: randomUUID(), url: "https://hook.example.com", secret: "sealed", kinds: ["LOW_STOCK", "SYNC_FAILED"] },
      ...{ addedAt: MOMENT, addedBy: "admin" },
    }),
  );
  for (const type of Object.values(WebhookMessageType)) {
    await dataSource.manager.save(
      Object.assign(new WebhookDelivery(), {
        ...{ id: randomUUID(), endpointId: endpoint.id, type, data: {}, state: WebhookDeliveryState.PENDING },
        ...{ createdAt: MOMENT, nextAttemptAt: MOMENT },
      }),
    );
  }
  for (const [at, text] of AWKWARD.entries()) {
    await dataSource.manager.save(
      Object.assign(new AuditEvent(), {
        ...{
          id: randomUUID(),
          at: new Date(MOMENT.getTime() + at),
          actor: text,
          role: Role.ADMIN,
          mutation: "addToken",
        },
        ...{
          teams: at % 2 === 0 ? null : ["North"],
          input: { text, nested: { b: 1, a: [1.5, null, true] } },
          requestId: "r",
        },
        ...(at % 2 === 0 ? { outcome: AuditOutcome.DONE } : { outcome: AuditOutcome.REFUSED, code: "FORBIDDEN" }),
      }),
    );
  }
  await ask(
    `mutation { createApiKey(input: { name: "of nobody", role: VIEWER, teams: ["North"] }) { apiKey { id } } }`,
  );
}
