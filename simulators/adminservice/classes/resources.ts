import type { Site } from "../model/site.js";
import type { Row } from "../odata/filter.js";
import type { WmiClass } from "./wmi-class.js";

export const userClass: WmiClass = {
  name: "SMS_R_User",
  key: { name: "ResourceID", type: "number" },
  lazy: ["AgentName", "AgentSite", "AgentTime"],
  rows: (site) =>
    [...site.users.values()].map((user): Row => {
      const UniqueUserName = `${user.domain}\\${user.name}`;
      return {
        ResourceID: user.ResourceID,
        ResourceType: 4,
        UniqueUserName,
        UserName: user.name,
        FullUserName: user.fullName,
        Name: `${UniqueUserName} (${user.fullName})`,
        Mail: user.mail,
        WindowsNTDomain: user.domain,
        UserPrincipalName: user.principalName,
        SID: `S-1-5-21-1-2-3-${user.ResourceID}`,
        UserGroupName: [`${user.domain}\\Domain Users`],
        AgentName: ["SMS_AD_USER_DISCOVERY_AGENT"],
        AgentSite: [site.code],
        AgentTime: [],
      };
    }),
};

export const systemClass: WmiClass = {
  name: "SMS_R_System",
  key: { name: "ResourceID", type: "number" },
  lazy: ["AgentName", "AgentSite", "AgentTime", "MACAddresses"],
  rows: (site) =>
    [...site.systems.values()].map((system): Row => {
      const user = system.userId === null ? undefined : site.users.get(system.userId);
      return {
        ResourceID: system.ResourceID,
        ResourceType: 5,
        Name: system.name,
        NetbiosName: system.name,
        SMSUniqueIdentifier: `GUID:${system.ResourceID}`,
        Client: 1,
        ClientType: system.clientType,
        Active: system.obsolete ? 0 : 1,
        Obsolete: system.obsolete ? 1 : 0,
        Decommissioned: system.decommissioned ? 1 : 0,
        OperatingSystemNameandVersion: system.os,
        LastLogonUserName: user?.name ?? null,
        LastLogonUserDomain: user?.domain ?? null,
        LastLogonTimestamp: system.lastSeen.toISOString(),
        MDMDeviceCategory: null,
        SID: null,
        AgentName: ["MP_ClientRegistration"],
        AgentSite: [site.code],
        AgentTime: [system.lastSeen.toISOString()],
        MACAddresses: [],
      };
    }),
};

/** What hardware inventory tells of computers, Macs among them. */
export const biosClass: WmiClass = {
  name: "SMS_G_System_PC_BIOS",
  key: null,
  lazy: [],
  rows: (site) => inventory(site, false).map(([ResourceID, SerialNumber]) => ({ ResourceID, SerialNumber })),
};

/** And of mobile devices; not every site collects it. */
export const mobileInventoryClass: WmiClass = {
  name: "SMS_G_System_DEVICE_COMPUTERSYSTEM",
  key: null,
  lazy: [],
  rows: (site) => inventory(site, true).map(([ResourceID, SerialNumber, UDID]) => ({ ResourceID, SerialNumber, UDID })),
};

function inventory(site: Site, mobile: boolean): [number, string, string | null][] {
  return [...site.systems.values()].flatMap(({ ResourceID, serial, udid, clientType }) =>
    serial !== null && (clientType === 3 && site.switches.mobileInventory) === mobile
      ? [[ResourceID, serial, udid]]
      : [],
  );
}
