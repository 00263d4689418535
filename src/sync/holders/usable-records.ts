import { z } from "zod";
import { type HolderKind, type HolderRecords, PluginError } from "../../plugins/contract.js";
import { storableId as id, storableText as text } from "./storable.js";

const textOrNull = text.nullish().transform((told) => told ?? null);

const SHAPES: { readonly [Kind in HolderKind]: z.ZodType<HolderRecords[Kind]> } = {
  user: z.object({
    externalId: id,
    principalName: textOrNull,
    displayName: textOrNull,
    email: textOrNull,
    managedAppleId: textOrNull,
  }),
  device: z
    .object({
      externalId: id,
      serial: text.nullish(),
      udid: text.nullish(),
      name: text.nullish(),
      platform: text.nullish(),
      userExternalId: id.nullish(),
      state: z.enum(["enrolled", "wiped", "retired", "deleted"]),
      lastSeenAt: z.date().nullish(),
    })
    .transform(({ externalId, state, lastSeenAt, ...told }) => {
      const described = Object.entries(told).filter(([, value]) => value !== undefined);
      return { externalId, state, lastSeenAt: lastSeenAt ?? null, ...Object.fromEntries(described) };
    }),
  collection: z.object({
    externalId: id,
    name: text,
    kind: z.enum(["user", "device"]),
    memberExternalIds: z.array(id),
  }),
};

/**
 * What a plugin has told of holders, as it can be stored: parsed, not trusted. A character that cannot be stored is left out
 * of what describes them.
 * @throws PluginError `internal`, naming the first record that is not as the contract says.
 */
export function usableRecords<Kind extends HolderKind>(
  kind: Kind,
  records: readonly HolderRecords[Kind][],
): HolderRecords[Kind][] {
  return records.map((record) => {
    const read = SHAPES[kind].safeParse(record);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const place = issue?.path.join(".") || "the record";
    throw new PluginError(
      "internal",
      `The target tells of a ${kind} that cannot be used (${JSON.stringify(record?.externalId)}): ${place}: ${issue?.message}.`,
    );
  });
}
