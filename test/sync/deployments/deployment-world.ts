import { Application } from "../../../src/entities/application.js";
import { Collection, CollectionKind } from "../../../src/entities/collection.js";
import {
  Deployment,
  DeploymentAction,
  DeploymentLicensing,
  DeploymentPurpose,
} from "../../../src/entities/deployment.js";
import { Device } from "../../../src/entities/device.js";
import { HolderAlias } from "../../../src/entities/holder-alias.js";
import { Installation, InstallationState, InstallationWant } from "../../../src/entities/installation.js";
import { HolderKind, License, LicenseCause, LicenseState } from "../../../src/entities/license.js";
import { ProductType, StoreApp } from "../../../src/entities/store-app.js";
import { Token, TokenAuthority, TokenHealthState, TokenPlatform } from "../../../src/entities/token.js";
import type { Plugin, StepOutcome, TargetConnection, TargetLicenses } from "../../../src/plugins/contract.js";
import type { Core } from "../../../src/sync/core.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "../targets/target-world.js";

type Changeable = { -readonly [Member in keyof TargetConnection]?: TargetConnection[Member] };

/** One app of one token, and one target whose connection is what the test says: no worker, no Apple. */
export interface DeploymentWorld extends TargetWorld {
  readonly tokenId: string;
  readonly targetId: string;
  readonly storeAppId: string;
  /** What the product answers, until it is changed. */
  readonly connection: Changeable;
  /** A deployment of the app, or of another one, to a new, empty collection. */
  deployment(action?: DeploymentAction, values?: Partial<Deployment>): Promise<Deployment>;
  /** Another app of the token, which the target has. @returns its id. */
  app(adamId: string): Promise<string>;
  /** A device that the target knows as `device-<serial>`. */
  device(serial: string): Promise<string>;
  /** A licence of the app that the device holds. */
  license(deviceId: string, serial: string): Promise<string>;
  /** An installation exactly so; unless it has left, its device is a member of its collection. @returns its id. */
  installation(values: Partial<Installation>): Promise<string>;
  seen(id: string): Promise<Installation>;
  /** The jobs of that name that wait, with the time of each. */
  jobs(name: string): Promise<{ run_at: Date }[]>;
}

/** Many installations of a deployment at once, all in one state, of devices that nobody knows. */
export async function insertMembers(
  { read, targetId }: DeploymentWorld,
  { tokenId, storeAppId, id }: Deployment,
  state: InstallationState,
  count: number,
): Promise<void> {
  await read(
    `WITH device AS (
       INSERT INTO device (id, serial, added_at)
       SELECT gen_random_uuid(), gen_random_uuid(), now() FROM generate_series(1, $6) RETURNING id
     )
     INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, want, state, state_at, queued_at, created_at)
     SELECT $1, $2, $3, $4, id, 'ABSENT', $5, now(), now(), now() FROM device`,
    [tokenId, storeAppId, id, targetId, state, count],
  );
}

/** @param licenseAuthority with `target` the token is the product's own. */
export async function createDeploymentWorld(
  licenseAuthority: Plugin["licenseAuthority"] = "service",
): Promise<DeploymentWorld> {
  const connection: Changeable = {};
  const scripted: Partial<TargetConnection> = {
    check: async (signal) =>
      connection.check?.(signal) ?? { ok: true, apns: { state: "valid", expiresAt: null }, findings: [] },
    ensureApplication: async (app, signal) => connection.ensureApplication?.(app, signal) ?? { handle: app.adamId },
    apply: async (steps, signal) => connection.apply?.(steps, signal) ?? [],
    release: async (release, signal) => connection.release?.(release, signal),
    invite: async (invitations, signal) => connection.invite?.(invitations, signal),
    poll: async (handles, signal) => connection.poll?.(handles, signal) ?? { statuses: [], followUps: [] },
    webhook: {
      verify: (request) => (connection.webhook ? connection.webhook.verify(request) : true),
      read: (request) =>
        connection.webhook ? connection.webhook.read(request) : { users: [], devices: [], statuses: [], followUps: [] },
    },
    ...(licenseAuthority === "target" ? { licenses: licensesOf(connection) } : {}),
  };
  const world = await createTargetWorld([pluginWith(scripted, { licenseAuthority })]);
  const { core } = world;
  const { manager } = core.dataSource;
  const targetId = await world.add("scripted", {});
  const tokenId = licenseAuthority === "service" ? await insertToken(core) : await ownedToken(world);
  const app = (adamId: string) => insertApp(core, tokenId, targetId, adamId);
  const storeAppId = await app("361309726");
  let collections = 0;
  return {
    ...world,
    tokenId,
    targetId,
    storeAppId,
    connection,
    app,
    async deployment(action = DeploymentAction.INSTALL, values = {}) {
      const at = core.clock.now();
      const collection = await manager.save(
        manager.create(Collection, {
          id: core.clock.uuid(),
          name: `C${collections++}`,
          kind: CollectionKind.DEVICE,
          addedAt: at,
        }),
      );
      const deployed = values.storeAppId ?? storeAppId;
      const application = await manager.findOneByOrFail(Application, { tokenId, storeAppId: deployed, targetId });
      return manager.save(
        manager.create(Deployment, {
          tokenId,
          storeAppId: deployed,
          applicationId: application.id,
          collectionId: collection.id,
          targetId,
          action,
          purpose: DeploymentPurpose.REQUIRED,
          licensing: DeploymentLicensing.DEVICE,
          createdBy: "test",
          createdAt: at,
          actionBy: "test",
          actionAt: at,
          ...values,
        }),
      );
    },
    async device(serial) {
      const id = core.clock.uuid();
      await manager.insert(Device, { id, serial, addedAt: core.clock.now() });
      await manager.insert(HolderAlias, { targetId, externalId: `device-${serial}`, deviceId: id, serial });
      return id;
    },
    async license(deviceId, serial) {
      const at = core.clock.now();
      const license = await manager.save(
        manager.create(License, {
          tokenId,
          storeAppId,
          deviceId,
          holderKind: HolderKind.DEVICE,
          holderKey: serial,
          state: LicenseState.HELD,
          startedAt: at,
          startCause: LicenseCause.DEPLOYMENT,
          startActor: "test",
          assignedAt: at,
          provenAt: at,
        }),
      );
      return license.id;
    },
    async installation(values) {
      const at = core.clock.now();
      const installation = await manager.save(
        manager.create(Installation, {
          tokenId,
          storeAppId,
          targetId,
          want: InstallationWant.PRESENT,
          state: InstallationState.LICENSED,
          nextLookAt: at,
          stateAt: at,
          queuedAt: at,
          createdAt: at,
          ...values,
        }),
      );
      if (installation.deviceId !== null && installation.leftAt === null) await join(core, installation);
      return installation.id;
    },
    seen: (id) => manager.findOneByOrFail(Installation, { tokenId, id }),
    jobs: (name) =>
      world.read(
        `SELECT job.run_at FROM graphile_worker._private_jobs job
         JOIN graphile_worker._private_tasks task ON task.id = job.task_id WHERE task.identifier = $1`,
        [name],
      ),
  };
}

async function join(core: Core, { tokenId, deploymentId, deviceId }: Installation): Promise<void> {
  await core.dataSource.query(
    `INSERT INTO collection_member (collection_id, device_id)
     SELECT collection_id, $3 FROM deployment WHERE token_id = $1 AND id = $2 ON CONFLICT DO NOTHING`,
    [tokenId, deploymentId, deviceId],
  );
}

async function insertToken(core: Core): Promise<string> {
  const id = core.clock.uuid();
  const at = core.clock.now();
  await core.dataSource.manager.insert(Token, {
    id,
    authority: TokenAuthority.SERVICE,
    name: "Main",
    platform: TokenPlatform.BUSINESS,
    locationId: "1",
    secret: "sealed",
    fingerprint: "print",
    health: { state: TokenHealthState.ACTIVE, since: at, cause: null, evidence: null, remedy: null },
    addedAt: at,
    updatedAt: at,
  });
  return id;
}

/** The product's books: one token, and for the rest what the test says. */
function licensesOf(connection: Changeable): TargetLicenses {
  const emptyPage = async () => ({ records: [], next: null });
  return {
    tokens: async () => [
      {
        externalId: "token-1",
        name: "Owned",
        organization: null,
        locationId: null,
        locationName: null,
        country: null,
        expiresAt: null,
        state: "valid",
      },
    ],
    sync: async () => ({ finished: true }),
    apps: emptyPage,
    holders: emptyPage,
    revoke: async (...asked) => connection.licenses?.revoke(...asked),
  };
}

async function ownedToken(world: TargetWorld): Promise<string> {
  const [token] = await world.read<{ id: string }>("SELECT id FROM token WHERE authority = 'TARGET'");
  return token?.id ?? "";
}

async function insertApp(core: Core, tokenId: string, targetId: string, adamId: string): Promise<string> {
  const { manager } = core.dataSource;
  const app = await manager.save(
    manager.create(StoreApp, {
      tokenId,
      adamId,
      pricingParam: "STDQ",
      productType: ProductType.APP,
      deviceAssignable: true,
      revocable: true,
      totalCount: 100,
      assignedCount: 0,
      availableCount: 100,
      retiredCount: 0,
      countsAt: core.clock.now(),
    }),
  );
  const at = core.clock.now();
  await manager.insert(Application, { tokenId, storeAppId: app.id, targetId, readyAt: at, createdAt: at });
  return app.id;
}

/** A moment that long ago. */
export function ago(core: Core, durationMs: number): Date {
  return new Date(core.clock.now().getTime() - durationMs);
}

/** A target that has the same answer to every step. */
export function answering(outcome: (key: string) => StepOutcome): NonNullable<Partial<TargetConnection>["apply"]> {
  return async (steps) => steps.map(({ key }) => outcome(key));
}

export function refused(key: string): StepOutcome {
  return { key, outcome: "failed", failure: { code: "REMOVE_FAILED", detail: "No." } };
}
