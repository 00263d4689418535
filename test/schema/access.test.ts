import { Query, Resolver } from "type-graphql";
import "reflect-metadata";
import { describe, expect, test } from "vitest";
import { buildSchema } from "../../src/schema/build-schema.js";

@Resolver()
class Forgetful {
  @Query(() => String)
  forgotten(): string {
    return "told to anybody";
  }
}

describe("a query that does not say who may ask for it", () => {
  test("is an error when the schema is built, not a gap", () => {
    expect(() => buildSchema([Forgetful])).toThrow("Query.forgotten does not say who may ask for it");
  });
});
