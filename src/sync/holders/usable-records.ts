import { z } from "zod";
import { DEVICE_STATES, type HolderKind, type HolderRecords, PluginError } from "../../plugins/contract.js";
import { storableId as id, storableName, storableTime, storableText as text } from "../targets/storable.js";

/** What no collection has so many of. */
const MOST_MEMBERS = 1_000_000;

const textOrNull = text.nullish().transform((told) => told ?? null);
const nameOrNull = storableName.nullish().transform((told) => told ?? null);

const SHAPES: { readonly [Kind in HolderKind]: z.ZodType<HolderRecords[Kind]> } = {
  user: z.object({
    externalId: id,
    principalName: nameOrNull,
    displayName: textOrNull,
    email: nameOrNull,
    managedAppleId: nameOrNull,
  }),
  device: z
    .object({
      externalId: id,
      serial: storableName.nullish(),
      udid: storableName.nullish(),
      name: text.nullish(),
      platform: storableName.nullish(),
      userExternalId: id.nullish(),
      state: z.enum(DEVICE_STATES),
      lastSeenAt: storableTime.nullish(),
    })
    .transform(({ externalId, state, lastSeenAt, ...told }) => {
      const described = Object.entries(told).filter(([, value]) => value !== undefined);
      return { externalId, state, lastSeenAt: lastSeenAt ?? null, ...Object.fromEntries(described) };
    }),
  collection: z.object({
    externalId: id,
    name: text,
    kind: z.enum(["user", "device"]),
    memberExternalIds: z.array(id).max(MOST_MEMBERS),
  }),
};

/**
 * What a plugin has told of holders, as it can be stored: parsed, not trusted. A character that cannot be stored is left out
 * of what describes them.
 * @throws PluginError `internal`, naming the first record that is not as the contract says.
 */
export function usableRecords<Kind extends HolderKind>(kind: Kind, records: readonly unknown[]): HolderRecords[Kind][] {
  return records.map((record) => {
    const read = SHAPES[kind].safeParse(record);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const place = issue?.path.join(".") || "the record";
    throw new PluginError(
      "internal",
      `The target tells of a ${kind} that cannot be used (${idOf(record)}): ${place}: ${issue?.message}.`,
    );
  });
}

/** How the record can be found at the product. */
function idOf(record: unknown): string {
  const named = z.object({ externalId: text }).safeParse(record);
  return named.success ? JSON.stringify(named.data.externalId) : "without an id";
}
