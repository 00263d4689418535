import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";

/** A GraphQL type, as the decorators take it. */
export type TypeRef = Parameters<typeof Field>[0] extends infer Thunk ? Extract<Thunk, () => unknown> : never;

@ObjectType({ description: "Where a page lies in its list (Relay).", simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, { description: "Whether there is more after this page." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether there is more before this page." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Cursor of the page's first item; null when it is empty." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "Cursor of the page's last item; null when it is empty." })
  endCursor!: string | null;
}

/**
 * Makes the connection and edge types of a noun.
 * @param noun the singular, in PascalCase; `nodeType` when the type is not its class
 * @param plural as it stands in a sentence
 */
export function connectionOf(noun: string, plural: string, nodeType: TypeRef): new () => object {
  @ObjectType(`${noun}Edge`, { description: `One of the ${plural} of a page.`, simpleResolvers: true })
  class Edge {
    @Field(nodeType, { description: "The item." })
    node!: unknown;

    @Field(() => String, { description: "Its place in the list: opaque, valid for the same filter and order." })
    cursor!: string;
  }

  @ObjectType(`${noun}Connection`, { description: `A page of ${plural} (Relay).`, simpleResolvers: true })
  class Connection {
    @Field(() => [Edge], { description: "The items of this page, in order." })
    edges!: Edge[];

    @Field(() => [nodeType()], { description: "The same items without their cursors." })
    nodes!: unknown[];

    @Field(() => PageInfo, { description: "Where the page lies in the list." })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: "How many there are on all pages. Counted only when asked for." })
    totalCount!: number;
  }
  return Connection;
}
