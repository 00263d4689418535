import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Reservation } from "../../entities/reservation.js";
import { MutationInput } from "./mutation-input.js";

@InputType({
  description:
    "A quota of one app's licences to be kept for one collection, instead of the one that it has now, if any.",
})
export class ReserveLicensesInput extends MutationInput {
  @Field(() => ID, { description: "The app." })
  storeApp!: string;

  @Field(() => ID, { description: "For whom." })
  collection!: string;

  @Field(() => Int, {
    description:
      "How many licences, those that the collection uses already included. All reservations of an app together may not exceed its licences.",
  })
  count!: number;

  @Field(() => Date, { description: "When it expires: a moment in the future." })
  until!: Date;
}

@ObjectType({ description: "Licences that are kept for a collection." })
export class ReserveLicensesPayload {
  @Field(() => Reservation, { description: "The reservation." })
  reservation!: Reservation;
}

@InputType({ description: "A reservation that is to keep nothing any more." })
export class ReleaseReservationInput extends MutationInput {
  @Field(() => ID, { description: "The reservation." })
  reservation!: string;
}

@ObjectType({ description: "A reservation that has ended; the queue moves after this answer." })
export class ReleaseReservationPayload {
  @Field(() => Reservation, { description: "The reservation." })
  reservation!: Reservation;
}
