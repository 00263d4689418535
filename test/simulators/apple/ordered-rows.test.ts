import { expect, test } from "vitest";
import { OrderedRows } from "../../../simulators/apple/ordered-rows.js";
import { SeededRandom } from "../../../simulators/random.js";

test("random appends and deletes leave the same rows as a plain list, at every offset", () => {
  const random = new SeededRandom(5);
  const rows = new OrderedRows<{ sequence: number }>();
  let plain: { sequence: number }[] = [];
  for (let sequence = 1; sequence <= 6000; sequence += 1) {
    const row = { sequence };
    rows.append(row);
    plain.push(row);
    if (random.next() < 0.6) {
      const gone = plain[random.integer(plain.length)];
      if (gone === undefined) continue;
      expect(rows.delete(gone)).toBe(true);
      plain = plain.filter((candidate) => candidate !== gone);
    }
  }
  expect(rows.size).toBe(plain.length);
  expect([...rows]).toEqual(plain);
  for (const offset of [0, 1, 999, 1023, 1024, 1025, plain.length - 1, plain.length]) {
    expect(rows.slice(offset, 700)).toEqual(plain.slice(offset, offset + 700));
  }
});

test("deleting a row twice, or one that never was there, changes nothing", () => {
  const rows = new OrderedRows<{ sequence: number }>();
  const row = { sequence: 2 };
  rows.append(row);
  expect(rows.delete({ sequence: 1 })).toBe(false);
  expect(rows.delete({ sequence: 2 })).toBe(false);
  expect(rows.delete(row)).toBe(true);
  expect(rows.delete(row)).toBe(false);
  expect([rows.size, rows.slice(0, 10)]).toEqual([0, []]);
});
