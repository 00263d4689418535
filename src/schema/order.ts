import "reflect-metadata";
import { Field, InputType, registerEnumType } from "type-graphql";

export const OrderDirection = { ASC: "ASC", DESC: "DESC" } as const;
export type OrderDirection = keyof typeof OrderDirection;
registerEnumType(OrderDirection, {
  name: "OrderDirection",
  description: "Which end comes first. Items without a value are last when ascending and first when descending.",
  valuesConfig: {
    ASC: { description: "Ascending: A to Z, old to new." },
    DESC: { description: "Descending: Z to A, new to old." },
  },
});

/** What a list is sorted by; ties are always settled. */
export interface OrderBy<OrderField extends string> {
  field: OrderField;
  direction: OrderDirection;
}

/**
 * Makes the input type by which a list is sorted.
 * @param fields what it can be sorted by, each with its description
 */
export function orderOf<OrderField extends string>(
  noun: string,
  fields: Readonly<Record<OrderField, string>>,
): new () => OrderBy<OrderField> {
  const names = Object.keys(fields) as OrderField[];
  const fieldEnum = Object.fromEntries(names.map((name) => [name, name]));
  registerEnumType(fieldEnum, {
    name: `${noun}OrderField`,
    description: "What to sort by.",
    valuesConfig: Object.fromEntries(names.map((name) => [name, { description: fields[name] }])),
  });

  @InputType(`${noun}Order`, { description: "How to sort the list. Ties are settled by id." })
  class Order implements OrderBy<OrderField> {
    @Field(() => fieldEnum, { description: "What to sort by." })
    field!: OrderField;

    @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC, description: "Which end comes first." })
    direction!: OrderDirection;
  }
  return Order;
}
