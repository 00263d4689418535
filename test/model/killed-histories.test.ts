import { playHistories } from "./play-histories.js";

playHistories("Apple, the MDM and the service, though the worker is killed in some of them,", {
  seed: 12,
  indexes: [0, 1, 2, 3, 4, 5, 7, 15, 23, 31],
  killed: true,
});
