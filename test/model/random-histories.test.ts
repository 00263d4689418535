import { playHistories } from "./play-histories.js";

playHistories("Apple, the MDM and the service, whatever was wished and whatever went wrong,", {
  seed: 11,
  indexes: Array.from({ length: 16 }, (_, index) => index),
  killed: false,
});
