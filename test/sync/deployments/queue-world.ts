import type { Deployment } from "../../../src/entities/deployment.js";
import { InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { Reservation } from "../../../src/entities/reservation.js";
import type { ServiceConfig } from "../../../src/sync/apple/wire.js";
import type { Core } from "../../../src/sync/core.js";
import { licenseInstallations } from "../../../src/sync/deployments/license-installations.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

/** One app whose licences are short, and devices that stand in line for them. */
export interface QueueWorld extends Omit<DeploymentWorld, "license"> {
  /** A deployment of that priority, to a collection of its own. */
  lane(priority?: number): Promise<Deployment>;
  /** So many devices more that wait for stock, in the order of these calls. @returns their installations. */
  wait(deployment: Deployment, count: number, own?: Partial<Waiter>): Promise<string[]>;
  /** Keeps so many licences for the deployment's collection. @returns the Reservation's id. */
  reserve(deployment: Deployment, count: number, own?: Partial<Reservation>): Promise<string>;
  /** Sets how many licences there are. */
  stock(total: number): Promise<void>;
  /** A licence of the app that the device holds. */
  holding: DeploymentWorld["license"];
  /** Licenses whom it can. @returns the installations that were licensed since the last call, in the order of their ids. */
  license(): Promise<string[]>;
}

interface Waiter {
  readonly state: InstallationState;
  readonly reason: InstallationReason | null;
  readonly deviceId: string;
  readonly licenseId: string;
  readonly queuedAt: Date;
}

const HOUR_MS = 3_600_000;

export async function createQueueWorld(): Promise<QueueWorld> {
  const world = await createDeploymentWorld();
  const { core, tokenId, storeAppId } = world;
  const licensing = withLimits(core);
  const known = new Set<string>();
  let waiters = 0;
  return {
    ...world,
    async lane(priority = 0) {
      const deployment = await world.deployment();
      return core.dataSource.manager.save(Object.assign(deployment, { priority }));
    },
    async wait({ id: deploymentId }, count, own = {}) {
      const ids: string[] = [];
      for (let added = 0; added < count; added += 1) {
        waiters += 1;
        const installation = await world.installation({
          deploymentId,
          deviceId: own.deviceId ?? (await world.device(`QUEUE${waiters}`)),
          state: InstallationState.WAITING_FOR_LICENSE,
          reason: InstallationReason.OUT_OF_STOCK,
          queuedAt: new Date(Date.UTC(2020, 0, 1) + waiters * HOUR_MS),
          ...own,
        });
        ids.push(installation);
      }
      return ids;
    },
    async reserve({ collectionId }, count, own = {}) {
      const { manager } = core.dataSource;
      const now = core.clock.now();
      const reservation = await manager.save(
        manager.create(Reservation, {
          tokenId,
          storeAppId,
          collectionId: collectionId ?? "",
          count,
          until: new Date(now.getTime() + HOUR_MS),
          createdBy: "test",
          createdAt: now,
          ...own,
        }),
      );
      return reservation.id;
    },
    async stock(total) {
      await world.read("UPDATE store_app SET total_count = $1, available_count = $1", [total]);
    },
    holding: world.license,
    async license() {
      await licenseInstallations(licensing, { tokenId });
      const found = await world.read<{ id: string }>(
        "SELECT id FROM installation WHERE state = 'CLAIMING' ORDER BY id",
      );
      const fresh = found.map(({ id }) => id).filter((id) => !known.has(id));
      for (const id of fresh) known.add(id);
      return fresh;
    },
  };
}

/** Licensing asks Apple for nothing but how much a request may carry. */
function withLimits(core: Core): Core {
  const limits = { maxSerialNumbers: 25, maxClientUserIds: 25, maxUsers: 25 };
  return { ...core, apple: { ...core.apple, serviceConfig: async () => ({ limits }) as ServiceConfig } };
}
