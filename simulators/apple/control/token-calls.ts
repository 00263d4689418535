import { z } from "zod";
import { controlCall } from "./control-call.js";
import { locationInput, requireLocation } from "./inputs.js";

const tokenKind = z.enum(["full", "readOnly", "legacy"]);
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
    about: "Revokes the newest token, the earlier ones, or all (9625): now, at a time, or after a while.",
    input: z.strictObject({
      ...locationInput,
      which: z.enum(["newest", "earlier", "all"]).default("newest"),
      at: z.iso.datetime({ offset: true }).optional(),
      afterMs: z.int().min(0).max(86_400_000).optional(),
    }),
    run: (world, { which, at, afterMs = 0, ...input }) => {
      const { tokens } = requireLocation(world, input);
      const chosen = { newest: tokens.slice(-1), earlier: tokens.slice(0, -1), all: tokens }[which];
      const revokedAt = at === undefined ? new Date(Date.now() + afterMs) : new Date(at);
      for (const token of chosen) token.revokeAt(revokedAt);
      return { revoked: chosen.length, at: revokedAt.toISOString() };
    },
  }),
  controlCall({
    method: "POST",
    path: "/change-password",
    about:
      "An account changes its password, which revokes every token that it downloaded, in all locations (9625). Without an " +
      "account it is the one that downloaded the location's newest token.",
    input: z.strictObject({ ...locationInput, account: z.string().min(1).optional() }),
    run: (world, { location, account = requireLocation(world, { location }).token.account }) => {
      const theirs = world.locations.flatMap(({ tokens }) => tokens.filter((token) => token.account === account));
      for (const token of theirs) token.revokeAt(new Date());
      return { account, revoked: theirs.length };
    },
  }),
  controlCall({
    method: "POST",
    path: "/token-kind",
    about:
      "What the newest token allows from now on: everything, reads only (writes are 9637), or nothing as a legacy one (9647).",
    input: z.strictObject({ ...locationInput, kind: tokenKind }),
    run: (world, { location, kind }) => {
      requireLocation(world, { location }).token.kind = kind;
      return { kind };
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
    about: "Downloads a new token file, which revokes the earlier ones as the switch renewalRevokes says.",
    input: z.strictObject({
      ...locationInput,
      expiresAt: z.iso.datetime({ offset: true }).optional(),
      account: z.string().min(1).optional(),
      kind: tokenKind.optional(),
    }),
    run: (world, { expiresAt, account, kind, ...input }) => {
      const expiry = expiresAt === undefined ? world.usualTokenExpiry() : new Date(expiresAt);
      return { tokenFile: requireLocation(world, input).downloadToken(expiry, account, kind).text };
    },
  }),
];
