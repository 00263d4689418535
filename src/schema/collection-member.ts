import "reflect-metadata";
import { createUnionType } from "type-graphql";
import { Device } from "../entities/device.js";
import { User } from "../entities/user.js";
import { connectionOf } from "./connection.js";

const CollectionMember = createUnionType({
  name: "CollectionMember",
  description: "A member of a collection, according to the collection's kind.",
  types: () => [User, Device] as const,
});

export const CollectionMemberConnection = connectionOf("CollectionMember", "members", () => CollectionMember);
