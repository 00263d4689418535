import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from "typeorm";
import { momentOrNull, textOrNull, uuidOrNull } from "./columns.js";
import { Device } from "./device.js";
import { Target } from "./target.js";
import { User } from "./user.js";

/** How one target names one User or Device of ours. */
@Entity()
@Check("holder_alias_of_one", "num_nonnulls(user_id, device_id) = 1")
@Index("holder_alias_user_external", ["targetId", "externalId"], { unique: true, where: "user_id IS NOT NULL" })
@Index("holder_alias_device_external", ["targetId", "externalId"], { unique: true, where: "device_id IS NOT NULL" })
@Index("holder_alias_user", ["userId", "targetId"], { where: "user_id IS NOT NULL" })
@Index("holder_alias_device", ["deviceId", "targetId"], { where: "device_id IS NOT NULL" })
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "holder_alias_target_fk", onDelete: "CASCADE" })
@ForeignKey(() => User, ["userId"], ["id"], { name: "holder_alias_user_fk", onDelete: "CASCADE" })
@ForeignKey(() => Device, ["deviceId"], ["id"], { name: "holder_alias_device_fk", onDelete: "CASCADE" })
export class HolderAlias {
  @PrimaryGeneratedColumn("identity", { type: "bigint", generatedIdentity: "BY DEFAULT" })
  id!: string;

  @Column("uuid")
  targetId!: string;

  @Column("text")
  externalId!: string;

  @Column(uuidOrNull)
  userId!: string | null;

  @Column(uuidOrNull)
  deviceId!: string | null;

  /** As the target spells it. */
  @Column(textOrNull)
  serial!: string | null;

  @Column(textOrNull)
  udid!: string | null;

  @Column(textOrNull)
  upn!: string | null;

  @Column(textOrNull)
  sid!: string | null;

  /**
   * Since when the target no longer lists it, or says that a Device is gone which another target still has; null while it has
   * it. Where no other target has the Device, `Device.state` tells its end.
   */
  @Column(momentOrNull)
  goneAt!: Date | null;

  /** When the device was last asked for its serial number, which the target had not told. */
  @Column(momentOrNull)
  inquiredAt!: Date | null;
}
