import { z } from "zod";
import { controlCall } from "./control-call.js";
import { locationInput, requireLocation } from "./inputs.js";

const onlyLocation = z.strictObject(locationInput);

/** What happens to a location's token and to the claim on it. */
export const tokenCalls = [
  controlCall({
    method: "GET",
    path: "/token-file",
    about: "The text of the newest token file.",
    input: onlyLocation,
    run: (world, input) => ({ tokenFile: requireLocation(world, input).token.text }),
  }),
  controlCall({
    method: "POST",
    path: "/take-over",
    about: "A second MDM sets its mdmInfo.",
    input: z.strictObject({ ...locationInput, id: z.string().min(1), name: z.string(), metadata: z.string() }),
    run: (world, { location, id, name, metadata }) => {
      const taken = requireLocation(world, { location });
      taken.mdmInfo = { id, name, metadata };
      return { mdmInfo: taken.mdmInfo };
    },
  }),
  controlCall({
    method: "POST",
    path: "/revoke-token",
    about: "Revokes the newest token (9625).",
    input: onlyLocation,
    run: (world, input) => {
      requireLocation(world, input).token.revoked = true;
      return { revoked: true };
    },
  }),
  controlCall({
    method: "POST",
    path: "/expire-token",
    about: "Lets the newest token expire now (9621).",
    input: onlyLocation,
    run: (world, input) => {
      requireLocation(world, input).token.expiresAt = new Date();
      return { expired: true };
    },
  }),
  controlCall({
    method: "POST",
    path: "/renew-token",
    about: "Downloads a new token file, which revokes the earlier ones.",
    input: z.strictObject({ ...locationInput, expiresAt: z.iso.datetime({ offset: true }).optional() }),
    run: (world, input) => {
      const expiresAt = input.expiresAt === undefined ? world.usualTokenExpiry() : new Date(input.expiresAt);
      return { tokenFile: requireLocation(world, input).downloadToken(expiresAt).text };
    },
  }),
];
