import type { StartFakeProduct } from "../../conformance/index.js";
import { startAdminServiceSimulator } from "../../simulators/adminservice/start-adminservice-simulator.js";

const HOUR_MS = 3_600_000;
const FOR_EVER = 1_000_000;
const INSTALL_FAILED = 5002;
/** Waits for somebody to sign in: who has taken an app away does not get it back unasked. */
const ASKS = 2011;

/** A simulated site, whose devices do something only when they are told to check in. */
export const fakeAdminService: StartFakeProduct = async ({ pageSize, app }) => {
  const still = { evaluationDelayMs: HOUR_MS, policyDelayMs: HOUR_MS, installMs: HOUR_MS, summaryDelayMs: HOUR_MS };
  const simulator = await startAdminServiceSimulator({
    devices: 0,
    users: 0,
    computers: 1,
    switches: { ...still, pageSize },
  });
  const { site, account } = simulator;
  const { cert, key, fingerprint } = simulator.certificate();
  const systemOf = (externalId: string) => {
    const system = site.systems.get(Number(externalId));
    if (system === undefined) throw new Error(`There is no device ${externalId}`);
    return system;
  };
  return {
    address: simulator.url,
    tls: { cert, key },
    settings: (address) => ({ url: address, signIn: "ntlm", ...account, certificateSha256: fingerprint }),
    async enroll({ hasUser, refuses }) {
      const number = site.systems.size;
      const name = `person${number}`;
      const person = { domain: "EXAMPLE", name, fullName: name, mail: null, principalName: `${name}@example.com` };
      const system = site.addSystem({
        name: `iPad ${number}`,
        os: "iOS 12.4",
        clientType: 3,
        obsolete: false,
        decommissioned: false,
        userId: hasUser ? site.addUser(person).ResourceID : null,
        serial: `CONFORM${number}`,
        udid: null,
        lastSeen: new Date(),
        offline: false,
        outcomes: new Map(refuses ? [[app.adamId, { code: INSTALL_FAILED, times: FOR_EVER }]] : []),
      });
      const userExternalId = system.userId === null ? null : String(system.userId);
      return { externalId: String(system.ResourceID), serial: system.serial, userExternalId };
    },
    async addCollection(name, kind, memberExternalIds) {
      const isOfDevices = kind === "device";
      const limitTo = isOfDevices ? "SMS00001" : "SMS00002";
      const collection = site.collections.create({ name, comment: "", type: isOfDevices ? 2 : 1, limitTo });
      const ResourceClassName = isOfDevices ? "SMS_R_System" : "SMS_R_User";
      site.collections.addRules(
        collection,
        memberExternalIds.map((id) => ({ ResourceClassName, ResourceID: Number(id), RuleName: id })),
      );
      site.timeline.settle();
      return { externalId: collection.CollectionID, memberExternalIds };
    },
    async checkIn() {
      site.timeline.settle();
      for (const system of site.systems.values()) site.policy.tryAgain(system);
      site.timeline.settle();
    },
    hasApp: (externalId, adamId) => systemOf(externalId).installed.has(adamId),
    installOrders: (externalId, adamId) =>
      [...site.assignments.rows.values()].filter(
        ({ application, desired, collectionId }) =>
          application.adamId === adamId &&
          desired === 1 &&
          site.collections.require(collectionId).rules.some(({ ResourceID }) => ResourceID === Number(externalId)),
      ).length,
    removeByHand(externalId, adamId) {
      const system = systemOf(externalId);
      system.installed.delete(adamId);
      system.outcomes.set(adamId, { code: ASKS, times: 1 });
    },
    stop: simulator.stop,
  };
};
