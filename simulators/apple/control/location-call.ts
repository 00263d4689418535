import { z } from "zod";
import type { Location } from "../location.js";
import { type ControlCall, controlCall } from "./control-call.js";

const locationInput = z.strictObject({
  name: z.string().min(1),
  platform: z.enum(["enterprisestore", "volumestore"]).default("enterprisestore"),
  countryCode: z
    .string()
    .regex(/^[A-Z]{2}$/, "must be two capital letters")
    .default("US"),
  organizationName: z.string().min(1).optional(),
  domain: z.string().min(1).optional(),
  apps: z.int().min(1).max(100_000).default(10),
  licenses: z.int().min(0).max(10_000_000).default(100),
  users: z.int().min(0).max(10_000_000).default(0),
  assigned: z.int().min(0).max(10_000_000).default(0),
  expDate: z.iso.datetime({ offset: true }).optional(),
});

/** @param addLocation makes and fills the location. */
export function locationCall(
  addLocation: (
    input: Omit<z.output<typeof locationInput>, "expDate"> & { tokenExpiresAt?: Date | undefined },
  ) => Location,
): ControlCall {
  return controlCall({
    method: "POST",
    path: "/location",
    about: "Adds a location with its own data and token; answers the token file's text.",
    input: locationInput,
    run: (_world, { expDate, ...input }) => {
      const tokenExpiresAt = expDate === undefined ? undefined : new Date(expDate);
      const location = addLocation({ ...input, tokenExpiresAt });
      return { uId: location.identity.uId, tokenFile: location.token.text };
    },
  });
}
