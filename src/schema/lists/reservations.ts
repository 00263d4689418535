import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { Reservation } from "../../entities/reservation.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which reservations to list: those that meet all that is given." })
class ReservationFilter {
  @Field(() => ID, { nullable: true, description: "Of apps of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => ID, { nullable: true, description: "For this collection." })
  collection?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "True, as unless said otherwise: those that keep licences. False: those that were released or expired.",
  })
  alive?: boolean | null;
}

export const ReservationListArgs = filteredArgs(ReservationFilter);
export type ReservationListArgs = InstanceType<typeof ReservationListArgs>;

export const ReservationConnection = connectionOf("Reservation", "reservations", () => Reservation);
