import type { HolderPage, UserRecord } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { type Listing, readPage } from "./read-page.js";
import * as wire from "./wire.js";

const LISTING: Listing<typeof wire.user> = {
  name: "SMS_R_User",
  shape: wire.user,
  query: { select: ["ResourceID", "UniqueUserName", "FullUserName", "Name", "Mail", "UserPrincipalName"] },
  key: "ResourceID",
  size: 997,
};

/** Users as discovery has found them; the sign-in name is there where discovery of Active Directory or Entra adds it. */
export async function listUsers(
  service: AdminService,
  cursor: string | null,
  signal: AbortSignal,
): Promise<HolderPage<"user">> {
  const { rows, next, complete } = await readPage(service, LISTING, cursor, signal);
  const records = rows.map((user): UserRecord => {
    return {
      externalId: String(user.ResourceID),
      principalName: user.UserPrincipalName,
      displayName: user.FullUserName ?? user.Name ?? user.UniqueUserName,
      email: user.Mail,
      managedAppleId: null,
    };
  });
  return { records, next, complete };
}
