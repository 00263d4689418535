import { expect, it } from "vitest";
import { Chance } from "../../soak/chance.js";

it("chooses the same for the same seed and stream, and something else for another", () => {
  const draw = (seed: number, stream: number) => {
    const chance = new Chance(seed, stream);
    return Array.from({ length: 20 }, () => chance.between(0, 1_000));
  };
  expect(draw(1, 2)).toEqual(draw(1, 2));
  expect(draw(1, 2)).not.toEqual(draw(1, 3));
  expect(draw(1, 2)).not.toEqual(draw(2, 2));
});
