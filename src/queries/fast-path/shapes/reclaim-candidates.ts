import { reclaimCandidateList, silentBefore } from "../../lists/reclaim-candidates.js";
import { argumentsOf } from "../compilation.js";
import { connectionJson } from "../connection-json.js";
import type { FieldJson } from "../shape.js";

/** Licences that their holders do not seem to need. */
export const reclaimCandidates: FieldJson = (place) => {
  const args = argumentsOf(place);
  return connectionJson(place, null, (call) => {
    const { silentDays, ...request } = args(call);
    return { list: reclaimCandidateList(silentBefore(Number(silentDays), call.facts)), request };
  });
};
