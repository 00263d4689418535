import { Column, Entity, ForeignKey, PrimaryColumn } from "typeorm";
import { moment } from "./columns.js";
import { License } from "./license.js";

/** A holding that Apple's last reading did not show, where its loss is not believed before an equal second one (rule 6). */
@Entity()
@ForeignKey(() => License, ["tokenId", "licenseId"], ["tokenId", "id"], {
  name: "missed_license_license_fk",
  onDelete: "CASCADE",
})
export class MissedLicense {
  @PrimaryColumn("uuid")
  tokenId!: string;

  @PrimaryColumn("bigint")
  licenseId!: string;

  /** When Apple was asked. */
  @Column(moment)
  missedAt!: Date;
}
