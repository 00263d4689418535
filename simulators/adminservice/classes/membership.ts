import type { Row } from "../odata/filter.js";
import type { WmiClass } from "./wmi-class.js";

/** Who is in a collection, as it was last evaluated. */
export const membershipClass: WmiClass = {
  name: "SMS_FullCollectionMembership",
  key: null,
  lazy: [],
  rows: (site) =>
    [...site.collections.rows.values()].flatMap((collection) => {
      const direct = new Set(collection.rules.map(({ ResourceID }) => ResourceID));
      return [...site.collections.membersOf(collection).keys()].map((ResourceID): Row => {
        const system = site.systems.get(ResourceID);
        const user = site.users.get(ResourceID);
        return {
          CollectionID: collection.CollectionID,
          ResourceID,
          Name: system?.name ?? (user ? `${user.domain}\\${user.name} (${user.fullName})` : ""),
          Domain: user?.domain ?? "",
          SiteCode: site.code,
          SMSID: system ? `GUID:${ResourceID}` : `${user?.domain}\\${user?.name}`,
          ResourceType: system ? 5 : 4,
          IsDirect: direct.has(ResourceID),
          IsClient: system !== undefined,
          IsActive: system !== undefined && !system.obsolete,
          IsObsolete: system?.obsolete ?? false,
          ClientType: system?.clientType ?? null,
          DeviceOwner: system ? 1 : null,
        };
      });
    }),
};
