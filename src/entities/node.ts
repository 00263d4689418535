import { Field, ID, InterfaceType } from "type-graphql";
import { PrimaryColumn, PrimaryGeneratedColumn } from "typeorm";
import { encodeGlobalId } from "./global-id.js";

/** Relay's Node: whatever has a global id. */
@InterfaceType("Node", {
  description: "An object with a globally unique id (Relay). `node(id:)` finds it again.",
  resolveType: (value: object) => value.constructor.name,
})
export abstract class Node {
  abstract readonly id: string;

  @Field(() => ID, { name: "id", description: "Globally unique and opaque." })
  get globalId(): string {
    return encodeGlobalId(this.constructor.name, this.id);
  }
}

/** A row that belongs to one token: its primary key is (token_id, id), so that data and work spread by token. */
export abstract class TokenScopedNode extends Node {
  @PrimaryColumn("uuid")
  tokenId!: string;

  @PrimaryGeneratedColumn("identity", { type: "bigint", generatedIdentity: "BY DEFAULT" })
  id!: string;

  override get globalId(): string {
    return encodeGlobalId(this.constructor.name, this.tokenId, this.id);
  }
}
