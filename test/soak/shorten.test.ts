import { expect, it } from "vitest";
import { shorten } from "../../soak/deployments/shorten.js";

const ITEMS = Array.from({ length: 40 }, (_, index) => index);

it("leaves of a long list the two that are wrong together", async () => {
  const isWrong = async (part: readonly number[]) => part.includes(7) && part.includes(31);
  expect(await shorten(ITEMS, isWrong, 200)).toEqual([7, 31]);
});

it("stops after so many plays, with what is wrong still in it", async () => {
  let plays = 0;
  const isWrong = async (part: readonly number[]) => {
    plays += 1;
    return part.includes(7);
  };
  expect(await shorten(ITEMS, isWrong, 5)).toContain(7);
  expect(plays).toBe(5);
});
