import { randomUUID } from "node:crypto";
import type { DataSource } from "typeorm";
import { Alert, AlertKind } from "../../src/entities/alert.js";
import { AppleOperation, AppleOperationIntent, AppleOperationState } from "../../src/entities/apple-operation.js";
import { AppleUser, AppleUserStatus } from "../../src/entities/apple-user.js";
import { Application } from "../../src/entities/application.js";
import { Collection, CollectionKind } from "../../src/entities/collection.js";
import { Deployment, DeploymentAction, DeploymentLicensing, DeploymentPurpose } from "../../src/entities/deployment.js";
import { Device } from "../../src/entities/device.js";
import { Installation, InstallationState, InstallationWant } from "../../src/entities/installation.js";
import { HolderKind, License, LicenseCause, LicenseState } from "../../src/entities/license.js";
import { Reservation } from "../../src/entities/reservation.js";
import { StockChange } from "../../src/entities/stock-change.js";
import { ProductType, StoreApp } from "../../src/entities/store-app.js";
import { SyncMode, SyncRun, SyncRunState, SyncTrigger } from "../../src/entities/sync-run.js";
import { LicenseAuthority, Target } from "../../src/entities/target.js";
import { Token, TokenAuthority, TokenHealthState, TokenPlatform } from "../../src/entities/token.js";
import { User } from "../../src/entities/user.js";

export const MOMENT = new Date("2030-01-02T03:04:05.678Z");

/** Rows with everything that the schema asks for; what a test is about it gives itself. */
export class SampleRows {
  constructor(private readonly db: DataSource) {}

  token(own: Partial<Token> = {}): Promise<Token> {
    return this.save(Token, {
      id: randomUUID(),
      authority: TokenAuthority.SERVICE,
      name: "Sample token",
      platform: TokenPlatform.BUSINESS,
      secret: "sealed-beyond-recognition",
      fingerprint: randomUUID(),
      health: { state: TokenHealthState.ACTIVE, cause: null, since: MOMENT, evidence: null, remedy: null },
      addedAt: MOMENT,
      updatedAt: MOMENT,
      ...own,
    });
  }

  storeApp(token: Token, own: Partial<StoreApp> = {}): Promise<StoreApp> {
    return this.save(StoreApp, {
      tokenId: token.id,
      adamId: `${Math.floor(Math.random() * 1e12)}`,
      productType: ProductType.APP,
      name: "Sample app",
      deviceAssignable: true,
      revocable: true,
      totalCount: 10,
      assignedCount: 0,
      availableCount: 10,
      retiredCount: 0,
      countsAt: MOMENT,
      ...own,
    });
  }

  license(app: StoreApp, own: Partial<License> = {}): Promise<License> {
    return this.save(License, {
      tokenId: app.tokenId,
      storeAppId: app.id,
      holderKind: HolderKind.DEVICE,
      holderKey: randomUUID(),
      state: LicenseState.HELD,
      startedAt: MOMENT,
      startCause: LicenseCause.SYNC,
      startActor: "apple",
      assignedAt: MOMENT,
      ...own,
    });
  }

  target(own: Partial<Target> = {}): Promise<Target> {
    return this.save(Target, {
      id: randomUUID(),
      plugin: "sample",
      name: `Target ${randomUUID()}`,
      licenseAuthority: LicenseAuthority.SERVICE,
      settings: { url: "https://mdm.example.com" },
      secrets: "sealed-beyond-recognition",
      addedAt: MOMENT,
      ...own,
    });
  }

  user(own: Partial<User> = {}): Promise<User> {
    return this.save(User, { id: randomUUID(), displayName: "Sample person", addedAt: MOMENT, ...own });
  }

  device(own: Partial<Device> = {}): Promise<Device> {
    return this.save(Device, { id: randomUUID(), name: "Sample device", addedAt: MOMENT, ...own });
  }

  appleUser(token: Token, own: Partial<AppleUser> = {}): Promise<AppleUser> {
    return this.save(AppleUser, {
      tokenId: token.id,
      clientUserId: randomUUID(),
      status: AppleUserStatus.ASSOCIATED,
      addedAt: MOMENT,
      ...own,
    });
  }

  collection(own: Partial<Collection> = {}): Promise<Collection> {
    return this.save(Collection, {
      id: randomUUID(),
      name: `Collection ${randomUUID()}`,
      kind: CollectionKind.DEVICE,
      addedAt: MOMENT,
      ...own,
    });
  }

  /** Puts a user or a device into a collection. */
  async member(collection: Collection, holder: User | Device): Promise<void> {
    const column = holder instanceof User ? "user_id" : "device_id";
    await this.db.query(`INSERT INTO collection_member (collection_id, ${column}) VALUES ($1, $2)`, [
      collection.id,
      holder.id,
    ]);
  }

  application(app: StoreApp, target: Target, own: Partial<Application> = {}): Promise<Application> {
    const { tokenId, id: storeAppId } = app;
    return this.save(Application, { tokenId, storeAppId, targetId: target.id, createdAt: MOMENT, ...own });
  }

  reservation(app: StoreApp, collection: Collection, own: Partial<Reservation> = {}): Promise<Reservation> {
    const { tokenId, id: storeAppId } = app;
    const until = new Date("2100-01-01T00:00:00Z");
    const place = { tokenId, storeAppId, collectionId: collection.id };
    return this.save(Reservation, { ...place, count: 1, until, createdBy: "admin", createdAt: MOMENT, ...own });
  }

  /** With an application of its own, unless it is given one. */
  async deployment(
    app: StoreApp,
    target: Target,
    collection: Collection,
    own: Partial<Deployment> = {},
  ): Promise<Deployment> {
    return this.save(Deployment, {
      tokenId: app.tokenId,
      storeAppId: app.id,
      applicationId: own.applicationId ?? (await this.application(app, target)).id,
      collectionId: collection.id,
      targetId: target.id,
      action: DeploymentAction.INSTALL,
      purpose: DeploymentPurpose.REQUIRED,
      licensing: DeploymentLicensing.DEVICE,
      createdBy: "admin",
      actionBy: "admin",
      createdAt: MOMENT,
      actionAt: MOMENT,
      ...own,
    });
  }

  installation(deployment: Deployment, own: Partial<Installation>): Promise<Installation> {
    const { tokenId, id: deploymentId, storeAppId, targetId } = deployment;
    return this.save(Installation, {
      tokenId,
      deploymentId,
      storeAppId,
      targetId,
      want: InstallationWant.PRESENT,
      state: InstallationState.REQUESTED,
      stateAt: MOMENT,
      queuedAt: MOMENT,
      createdAt: MOMENT,
      ...own,
    });
  }

  syncRun(token: Token, own: Partial<SyncRun> = {}): Promise<SyncRun> {
    return this.save(SyncRun, {
      tokenId: token.id,
      mode: SyncMode.FULL,
      trigger: SyncTrigger.MANUAL,
      state: SyncRunState.SUCCEEDED,
      startedAt: MOMENT,
      endedAt: MOMENT,
      ...own,
    });
  }

  stockChange(app: StoreApp, own: Partial<StockChange> = {}): Promise<StockChange> {
    const { tokenId, id: storeAppId } = app;
    return this.save(StockChange, { tokenId, storeAppId, totalBefore: 5, totalAfter: 10, seenAt: MOMENT, ...own });
  }

  /** An alert about an app's counts. */
  mismatch(app: StoreApp, own: Partial<Alert> = {}): Promise<Alert> {
    return this.save(Alert, {
      id: randomUUID(),
      kind: AlertKind.COUNT_MISMATCH,
      subject: app.globalId,
      message: "Apple counts 2 in use, and shows 3 holders.",
      raisedAt: MOMENT,
      ...own,
    });
  }

  appleOperation(app: StoreApp, own: Partial<AppleOperation> = {}): Promise<AppleOperation> {
    return this.save(AppleOperation, {
      tokenId: app.tokenId,
      storeAppId: app.id,
      intent: AppleOperationIntent.ASSOCIATE,
      state: AppleOperationState.PENDING,
      nextAttemptAt: MOMENT,
      cause: LicenseCause.DEPLOYMENT,
      actor: "admin",
      createdAt: MOMENT,
      ...own,
    });
  }

  private save<Row extends object>(entity: new () => Row, values: Partial<Row>): Promise<Row> {
    return this.db.manager.save(Object.assign(new entity(), values));
  }
}
