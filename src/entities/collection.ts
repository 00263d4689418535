import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn } from "typeorm";
import { moment, momentOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { Device } from "./device.js";
import { Node } from "./node.js";
import { Target } from "./target.js";
import { User } from "./user.js";

export enum CollectionKind {
  USER = "USER",
  DEVICE = "DEVICE",
}
registerEnumType(CollectionKind, {
  name: "CollectionKind",
  description: "What a collection holds.",
  valuesConfig: {
    USER: { description: "Users; an app goes to every device of theirs." },
    DEVICE: { description: "Devices." },
  },
});

@ObjectType({
  implements: Node,
  description: "A named set of users or of devices: kept by hand here, or the mirror of one that a target owns.",
})
@Entity()
@Check("collection_kind_known", oneOf("kind", CollectionKind))
@Check("collection_mirror_or_local", "(target_id IS NULL) = (external_id IS NULL)")
@Index("collection_of_target", ["targetId", "externalId"], { unique: true, where: "target_id IS NOT NULL" })
@Index("collection_local_name", ["name"], { unique: true, where: "target_id IS NULL" })
@Index("collection_name", ["name", "id"])
@Index("collection_added", ["addedAt", "id"])
@Index("collection_search", { synchronize: false })
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "collection_target_fk", onDelete: "CASCADE" })
export class Collection extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => String, { description: "Its name; unique among those kept by hand." })
  @Column("text")
  name!: string;

  @Field(() => CollectionKind, { description: "What it holds." })
  @Column("text")
  kind!: CollectionKind;

  @Column(uuidOrNull)
  targetId!: string | null;

  @Column(textOrNull)
  externalId!: string | null;

  /** Members that a complete listing would have taken away, held back until an equal listing or a confirmation (rule 6). */
  @Field(() => Date, {
    nullable: true,
    description: "Since when a listing that would shrink it too much is held back; null if none is.",
  })
  @Column(momentOrNull)
  shrinkHeldAt!: Date | null;

  /** Whose it is: callers who are limited to one of these teams see it. */
  @Column("text", { array: true, default: "{}" })
  teams!: string[];

  @Field(() => Date, { description: "When it was made or first seen." })
  @Column(moment)
  addedAt!: Date;
}

/** One User or Device in one Collection. */
@Entity()
@Check("collection_member_one", "num_nonnulls(user_id, device_id) = 1")
@Index("collection_member_page", ["collectionId", "id"])
@Index("collection_member_user", ["collectionId", "userId"], { unique: true, where: "user_id IS NOT NULL" })
@Index("collection_member_device", ["collectionId", "deviceId"], { unique: true, where: "device_id IS NOT NULL" })
@Index("collection_member_of_user", ["userId"], { where: "user_id IS NOT NULL" })
@Index("collection_member_of_device", ["deviceId"], { where: "device_id IS NOT NULL" })
@ForeignKey(() => Collection, ["collectionId"], ["id"], {
  name: "collection_member_collection_fk",
  onDelete: "CASCADE",
})
@ForeignKey(() => User, ["userId"], ["id"], { name: "collection_member_user_fk", onDelete: "CASCADE" })
@ForeignKey(() => Device, ["deviceId"], ["id"], { name: "collection_member_device_fk", onDelete: "CASCADE" })
export class CollectionMember {
  @PrimaryGeneratedColumn("identity", { type: "bigint", generatedIdentity: "BY DEFAULT" })
  id!: string;

  @Column("uuid")
  collectionId!: string;

  @Column(uuidOrNull)
  userId!: string | null;

  @Column(uuidOrNull)
  deviceId!: string | null;
}
