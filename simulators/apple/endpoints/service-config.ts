import { allErrorBodies } from "../errors.js";
import { notificationTypes } from "../notifications/notification-types.js";
import type { Limits } from "../switches.js";
import { LOOKUP_PATH } from "./content-metadata.js";

const INVITATION_PATH = "/WebObjects/MZFinance.woa/wa/associateVPPUserWithITSAccount";

/** The addresses are complete ones of this server. @param origin without the path, e.g. `http://127.0.0.1:5001`. */
export function serviceConfig(origin: string, baseUrl: string, limits: Limits): object {
  return {
    urls: {
      clientConfig: `${baseUrl}/client/config`,
      getAssets: `${baseUrl}/assets`,
      getAssignments: `${baseUrl}/assignments`,
      getUsers: `${baseUrl}/users`,
      associateAssets: `${baseUrl}/assets/associate`,
      disassociateAssets: `${baseUrl}/assets/disassociate`,
      revokeAssets: `${baseUrl}/assets/revoke`,
      createUsers: `${baseUrl}/users/create`,
      updateUsers: `${baseUrl}/users/update`,
      retireUsers: `${baseUrl}/users/retire`,
      eventStatus: `${baseUrl}/status`,
      contentMetadataLookup: `${origin}${LOOKUP_PATH}`,
      invitationEmail: `${origin}${INVITATION_PATH}?cc=us&inviteCode=%25inviteCode%25&mt=8`,
    },
    limits,
    notificationTypes,
    errorCodes: allErrorBodies(),
  };
}
