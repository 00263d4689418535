import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { Device, DeviceState } from "../../entities/device.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which devices to list: those that meet all that is given." })
class DeviceFilter {
  @Field(() => String, { nullable: true, description: "Whose serial number or name contains this, whatever the case." })
  search?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this person." })
  user?: string | null;

  @Field(() => [DeviceState], { nullable: true, description: "In one of these states." })
  state?: DeviceState[] | null;

  @Field(() => String, { nullable: true, description: "Of this platform: iOS, macOS, tvOS, watchOS or visionOS." })
  platform?: string | null;

  @Field(() => Date, {
    nullable: true,
    description: "That their target last heard from before this moment; never those that no target has told a time of.",
  })
  lastSeenBefore?: Date | null;
}

const DeviceOrder = orderOf("Device", {
  NAME: "The name.",
  SERIAL: "The serial number.",
  LAST_SEEN_AT: "When its target last heard from it.",
});

export const DeviceListArgs = listArgs(DeviceFilter, DeviceOrder);
export type DeviceListArgs = InstanceType<typeof DeviceListArgs>;

export const DeviceConnection = connectionOf("Device", "devices", () => Device);
