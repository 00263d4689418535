import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from "typeorm";
import { moment, momentOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { Node } from "./node.js";
import { User } from "./user.js";

export enum DeviceState {
  ENROLLED = "ENROLLED",
  WIPED = "WIPED",
  RETIRED = "RETIRED",
  DELETED = "DELETED",
}
registerEnumType(DeviceState, {
  name: "DeviceState",
  description: "What a target says of a device.",
  valuesConfig: {
    ENROLLED: { description: "Managed; also when it has been silent for long." },
    WIPED: { description: "Erased: its managed apps are gone." },
    RETIRED: { description: "No longer managed: its managed apps are gone." },
    DELETED: { description: "Deleted at the target: its managed apps are gone." },
  },
});

/** Equal normalised serials are one device; null when there is nothing to compare, which never merges. */
export function normalizeSerial(serial: string | null): string | null {
  return serial?.trim().toUpperCase() || null;
}

@ObjectType({ implements: Node, description: "A device, as targets report it; one, however many targets know it." })
@Entity()
@Check("device_state_known", oneOf("state", DeviceState))
@Index("device_serial", ["serial"], { unique: true, where: "serial IS NOT NULL" })
@Index("device_by_serial", ["serial", "id"])
@Index("device_name", ["name", "id"])
@Index("device_last_seen", ["lastSeenAt", "id"])
@Index("device_platform", ["platform", "id"])
@Index("device_not_enrolled", ["id"], { where: "state <> 'ENROLLED'" })
@Index("device_search", { synchronize: false })
@Index("device_user", ["userId"])
@Index("device_lost", ["id"], { where: "lost_at IS NOT NULL" })
@ForeignKey(() => User, ["userId"], ["id"], { name: "device_user_fk", onDelete: "SET NULL" })
export class Device extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  /** Normalised. */
  @Field(() => String, {
    nullable: true,
    description: "Apple's serial number, in upper case: the key of a device licence.",
  })
  @Column(textOrNull)
  serial!: string | null;

  @Field(() => String, { nullable: true, description: "The device's name." })
  @Column(textOrNull)
  name!: string | null;

  @Field(() => String, { nullable: true, description: "iOS, macOS, tvOS, watchOS or visionOS." })
  @Column(textOrNull)
  platform!: string | null;

  @Column(uuidOrNull)
  userId!: string | null;

  @Field(() => DeviceState, { description: "What its target says of it." })
  @Column("text", { default: DeviceState.ENROLLED })
  state!: DeviceState;

  @Field(() => Date, { nullable: true, description: "When its target last heard from it." })
  @Column(momentOrNull)
  lastSeenAt!: Date | null;

  @Field(() => Date, { description: "When a target first told of it." })
  @Column(moment)
  addedAt!: Date;

  /** Since when its loss (it was wiped, retired or deleted) waits to be heeded; null once its installations have ended. */
  @Column(momentOrNull)
  lostAt!: Date | null;
}
