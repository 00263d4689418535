import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { refuseAddress } from "./allowed-hosts.js";

/**
 * Looks a host's name up, and fails with PluginError `config` where any of its addresses must not be reached. The socket is
 * opened to what was found here: between check and use there is no second look.
 */
export function guardLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (host, options, callback) => {
    lookup(host, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      try {
        const addresses = typeof found === "string" ? [found] : found.map(({ address }) => address);
        for (const address of addresses) refuseAddress(host, address);
      } catch (refusal) {
        return callback(refusal as Error, found, family);
      }
      callback(null, found, family);
    });
  };
}
