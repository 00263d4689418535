import { expect, it } from "vitest";
import { ForeignHands } from "../../../soak/sync/foreign-hands.js";

const PLACE = { location: "1", app: "7:STDQ", holder: "DEVICE:A" };

it("knows what others have given, and takes no other location, app or holder for it", () => {
  const hands = new ForeignHands();
  hands.give(PLACE);
  expect(hands.gave(PLACE)).toBe(true);
  expect(hands.took(PLACE)).toBe(false);
  expect(hands.gave({ ...PLACE, location: "2" })).toBe(false);
  expect(hands.gave({ ...PLACE, app: "8:STDQ" })).toBe(false);
  expect(hands.gave({ ...PLACE, holder: "DEVICE:B" })).toBe(false);
});

it("takes a holder who loses everything, and an app that is withdrawn, for all that they have in that location", () => {
  const hands = new ForeignHands();
  hands.take({ location: "1", holder: "DEVICE:A" });
  hands.take({ location: "1", app: "9:STDQ" });
  expect(hands.took(PLACE)).toBe(true);
  expect(hands.took({ ...PLACE, app: "9:STDQ", holder: "DEVICE:B" })).toBe(true);
  expect(hands.took({ ...PLACE, location: "2" })).toBe(false);
});
