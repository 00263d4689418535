import { z } from "zod";
import { InputError } from "../../input-error.js";
import { switchesCall } from "../../switches/switches-call.js";
import { ALL_PERMISSIONS } from "../routes.js";
import { switchesInput } from "../switches.js";
import { inDays, type World } from "../world.js";
import { controlCall } from "./control-call.js";

/** The tenant as a whole: who may do what, its push certificate, its switches. */
export const tenantCalls = [
  controlCall({
    method: "POST",
    path: "/permissions",
    about:
      "Takes application permissions away from the app registration, or gives all back. Access tokens in use see it at once.",
    input: z.strictObject({
      remove: z.array(z.string()).default([]),
      add: z.array(z.string()).default([]),
      reset: z.boolean().default(false),
    }),
    run: ({ registration }, { remove, add, reset }) => {
      if (reset) registration.permissions = new Set(ALL_PERMISSIONS);
      for (const permission of add) registration.permissions.add(permission);
      for (const permission of remove) registration.permissions.delete(permission);
      return { permissions: [...registration.permissions].sort() };
    },
  }),
  controlCall({
    method: "POST",
    path: "/push-certificate",
    about: "The APNs certificate: expires in so many days (below zero: has expired), or is gone.",
    input: z.strictObject({
      expiresInDays: z.number().min(-3650).max(3650).optional(),
      gone: z.boolean().default(false),
    }),
    run: (world, { expiresInDays, gone }) => {
      if (gone === (expiresInDays !== undefined)) throw new InputError("Name either expiresInDays or gone.");
      world.pushCertificate = gone
        ? null
        : { appleIdentifier: "push@example.com", expirationDateTime: inDays(expiresInDays ?? 0) };
      return { pushCertificate: world.pushCertificate };
    },
  }),
  controlCall({
    method: "POST",
    path: "/license-tenant",
    about: "Whether the tenant has an active Intune license; without one, Intune's calls are refused.",
    input: z.strictObject({ licensed: z.boolean() }),
    run: (world, { licensed }) => {
      world.intuneLicensed = licensed;
      return { licensed };
    },
  }),
  controlCall({
    method: "POST",
    path: "/expire-access-tokens",
    about: "Every access token given so far is stale from now on: 401.",
    input: z.strictObject({}),
    run: ({ accessTokens }) => ({ expired: accessTokens.revokeAll() }),
  }),
  switchesCall(({ switches }: World) => switches, switchesInput),
];
