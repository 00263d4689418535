import "reflect-metadata";
import { ArgsType, Field, Int } from "type-graphql";
import type { OrderBy } from "./order.js";

@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    description: "The first so many, after `after`. At most 500; 50 if neither end is given.",
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor: only what comes after it." })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: "The last so many, before `before`. At most 500." })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor: only what comes before it." })
  before?: string | null;
}

type ClassOf<Instance> = new () => Instance;

/** Makes the arguments of a list that can be filtered. */
export function filteredArgs<Filter extends object>(filterType: ClassOf<Filter>) {
  @ArgsType()
  class FilteredArgs extends PageArgs {
    @Field(() => filterType, { nullable: true, description: "Only what meets all of these." })
    filter?: Filter | null;
  }
  return FilteredArgs as ClassOf<PageArgs & { filter?: Filter | null }>;
}

/** Makes the arguments of a list that can be filtered and sorted. */
export function listArgs<Filter extends object, OrderField extends string>(
  filterType: ClassOf<Filter>,
  orderType: ClassOf<OrderBy<OrderField>>,
) {
  @ArgsType()
  class ListArgs extends PageArgs {
    @Field(() => filterType, { nullable: true, description: "Only what meets all of these." })
    filter?: Filter | null;

    @Field(() => orderType, { nullable: true, description: "How to sort." })
    orderBy?: OrderBy<OrderField> | null;
  }
  return ListArgs as ClassOf<PageArgs & { filter?: Filter | null; orderBy?: OrderBy<OrderField> | null }>;
}
