import { parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { TokenHealthState } from "../../src/entities/token.js";
import { resolvers } from "../../src/resolvers/index.js";
import { buildSchema } from "../../src/schema/build-schema.js";
import {
  APP_COUNT,
  APPS,
  DETAIL,
  KEY,
  STORE_APPS,
  SYNC_RUNS,
  TOKEN_HEALTH,
  TOKENS,
  TOTALS,
} from "../../web/report/queries.js";
import { tokenState } from "../../web/report/token-state.js";

describe("what the report asks", () => {
  test.each(Object.entries({ APP_COUNT, APPS, DETAIL, KEY, STORE_APPS, SYNC_RUNS, TOKEN_HEALTH, TOKENS, TOTALS }))(
    "fits the schema: %s",
    (_, query) => {
      expect(validate(buildSchema(resolvers), parse(query))).toEqual([]);
    },
  );

  test.each(Object.values(TokenHealthState))("it has a word for the token's state %s", (state) => {
    expect(tokenState(state).label).not.toBe(state);
  });
});
