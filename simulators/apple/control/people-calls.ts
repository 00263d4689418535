import { z } from "zod";
import { InputError } from "../../input-error.js";
import { idHashOf } from "../location.js";
import { userRow } from "../users.js";
import { controlCall } from "./control-call.js";
import { locationInput, requireLocation, requireUser } from "./inputs.js";

/** What the invited people do, and what others do to users. */
export const peopleCalls = [
  controlCall({
    method: "POST",
    path: "/accept-invitation",
    about: "The Registered user signs in with an Apple Account of their own and becomes Associated.",
    input: z.strictObject({ ...locationInput, clientUserId: z.string().min(1) }),
    run: (world, input) => {
      const location = requireLocation(world, input);
      const user = location.users.active(input.clientUserId);
      if (user?.status !== "Registered") {
        throw new InputError(`No user with the clientUserId "${input.clientUserId}" waits for an acceptance.`);
      }
      location.linkAccount(user, idHashOf(`${location.random.uuid()}@account.example.net`));
      location.commit();
      location.announce.userAssociated(user);
      return { status: user.status, idHash: user.idHash };
    },
  }),
  controlCall({
    method: "POST",
    path: "/create-user",
    about: "Another MDM creates a user: Registered, or Associated with a Managed Apple Account of the organisation.",
    input: z.strictObject({
      ...locationInput,
      clientUserId: z.string().min(1),
      email: z.string().min(3).optional(),
      managedAppleId: z.string().min(3).optional(),
    }),
    run: (world, { clientUserId, email, managedAppleId, ...input }) => {
      const location = requireLocation(world, input);
      if (location.users.active(clientUserId) !== undefined) throw new InputError("An active user has that id.");
      const idHash = managedAppleId === undefined ? undefined : idHashOf(managedAppleId);
      if (idHash !== undefined && location.users.activeWithIdHash(idHash) !== undefined) {
        throw new InputError("That account is linked to another user.");
      }
      const user = location.register(clientUserId, email);
      if (idHash !== undefined) location.linkAccount(user, idHash);
      location.commit();
      location.announce.user("CREATE", user);
      return userRow(user);
    },
  }),
  controlCall({
    method: "POST",
    path: "/retire-user",
    about: "Another MDM retires a user, which frees the licenses that can be revoked.",
    input: z.strictObject({ ...locationInput, clientUserId: z.string().min(1) }),
    run: (world, { clientUserId, ...input }) => {
      const location = requireLocation(world, input);
      const user = requireUser(location, clientUserId);
      const freed = location.retire(user);
      location.commit();
      location.announce.user("RETIRE", user);
      location.announce.assignments("DISASSOCIATE", freed);
      return { freed: freed.length };
    },
  }),
];
