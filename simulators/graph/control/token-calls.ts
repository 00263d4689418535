import { z } from "zod";
import { addToken } from "../populate.js";
import { controlCall } from "./control-call.js";
import { requireToken, tokenInput } from "./inputs.js";

/** What becomes of the content tokens that the tenant holds. */
export const tokenCalls = [
  controlCall({
    method: "POST",
    path: "/token",
    about: "Changes a content token: its state, its end, its names, or whether its next synchronisation fails.",
    input: z.strictObject({
      ...tokenInput,
      state: z
        .enum(["unknown", "valid", "expired", "invalid", "assignedToExternalMDM", "duplicateLocationId"])
        .optional(),
      expirationDateTime: z.iso.datetime({ offset: true }).optional(),
      organizationName: z.string().optional(),
      locationName: z.string().optional(),
      countryOrRegion: z.string().optional(),
      appleId: z.string().optional(),
      failsNextSync: z.boolean().optional(),
    }),
    run: (world, { token: named, ...fields }) => {
      const token = requireToken(world, { token: named });
      Object.assign(token, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
      return token;
    },
  }),
  controlCall({
    method: "POST",
    path: "/add-token",
    about: "The tenant gets one more content token, without apps.",
    input: z.strictObject({}),
    run: (world) => addToken(world, world.tokens.size + 1),
  }),
];
