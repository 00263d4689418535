import { expect, test } from "vitest";
import { UNLIMITED } from "../../../src/entities/store-app.js";
import { type AppStock, afterClaim, freeFor } from "../../../src/sync/deployments/free-for.js";

/** So many are free, and so many kept for collections, the oldest reservation first. */
function stock(free: number, unfilled: Readonly<Record<string, number>>): AppStock {
  return {
    free,
    quotas: Object.entries(unfilled).map(([collectionId, kept]) => ({ collectionId, unfilled: kept })),
  };
}

test("everybody may claim what is free where nothing is reserved", () => {
  expect(freeFor(stock(7, {}), "a")).toBe(7);
});

test("what is kept for others and not used yet is not free", () => {
  expect(freeFor(stock(7, { b: 3, c: 2 }), "a")).toBe(2);
});

test("a collection may claim its own quota, and what is kept for nobody", () => {
  expect(freeFor(stock(7, { b: 3, c: 2 }), "b")).toBe(5);
});

test("a quota that is used up keeps nothing", () => {
  expect(freeFor(stock(2, { b: 0 }), "a")).toBe(2);
});

test("where more is kept than is free, nothing is free for the others, and never less than nothing", () => {
  expect(freeFor(stock(2, { b: 5 }), "a")).toBe(0);
});

test("where more is kept than is free, the oldest reservation is filled first", () => {
  const short = stock(4, { b: 3, c: 3 });
  expect([freeFor(short, "b"), freeFor(short, "c"), freeFor(short, null)]).toEqual([3, 1, 0]);
});

test("a collection with a quota that is used up competes with those that have none", () => {
  expect(freeFor(stock(4, { b: 0, c: 3 }), "b")).toBe(1);
});

test("a claim takes from what is free and from the own quota, and from no other", () => {
  const left = afterClaim(stock(7, { b: 3, c: 2 }), "b");
  expect(left).toEqual(stock(6, { b: 2, c: 2 }));
  expect(freeFor(left, "a")).toBe(2);
});

test("a claim beyond the own quota takes from what is kept for nobody", () => {
  expect(afterClaim(stock(7, { b: 0, c: 2 }), "b")).toEqual(stock(6, { b: 0, c: 2 }));
});

test("what is unlimited is free for all", () => {
  expect(freeFor(stock(UNLIMITED, {}), "a")).toBe(UNLIMITED);
});
