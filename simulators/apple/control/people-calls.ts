import { z } from "zod";
import { InputError } from "../../input-error.js";
import { idHashOf } from "../location.js";
import { controlCall } from "./control-call.js";
import { locationInput, requireLocation } from "./inputs.js";

/** What the invited people do. */
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
];
