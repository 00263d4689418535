import "reflect-metadata";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";

enum QueueLane {
  COMMON = "COMMON",
  RESERVED = "RESERVED",
}
registerEnumType(QueueLane, {
  name: "QueueLane",
  description: "What those who wait compete for.",
  valuesConfig: {
    COMMON: { description: "The app's free licences that are kept for nobody." },
    RESERVED: { description: "What is left to fill of a reservation for the deployment's collection." },
  },
});

interface Place {
  readonly position: number;
  readonly reservationId: string | null;
  readonly priority: number;
  readonly queuedAt: Date;
}

@ObjectType({
  description:
    "A place in the queue for an app's licences. Those who wait are served by their deployment's priority, then by how long they have waited.",
})
export class QueuePlace {
  constructor(
    readonly tokenId: string,
    readonly place: Place,
  ) {}

  @Field(() => Int, {
    description:
      "Its place in its lane, 1 being the next. Devices of one person each have a place, though one licence serves them all.",
  })
  get position(): number {
    return this.place.position;
  }

  @Field(() => Int, { description: "How many wait before it in its lane." })
  get ahead(): number {
    return this.place.position - 1;
  }

  @Field(() => QueueLane, { description: "With whom it competes." })
  get lane(): QueueLane {
    return this.place.reservationId === null ? QueueLane.COMMON : QueueLane.RESERVED;
  }

  @Field(() => Int, { description: "The deployment's priority." })
  get priority(): number {
    return this.place.priority;
  }

  @Field(() => Date, {
    description:
      "Since when it has wanted its licence without a break: its turn among those of the same priority. Whoever was cancelled, removed or failed and wants it again comes last.",
  })
  get queuedAt(): Date {
    return this.place.queuedAt;
  }
}
