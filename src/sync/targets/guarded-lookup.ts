import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { refuseLinkLocal } from "./allowed-hosts.js";

/** Looks a host's name up, and fails with PluginError `config` where it stands for a link-local address. */
export const guardedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, options, (error, found, family) => {
    if (error) return callback(error, found, family);
    try {
      for (const address of typeof found === "string" ? [found] : found.map((one) => one.address)) {
        refuseLinkLocal(host, address);
      }
    } catch (refusal) {
      return callback(refusal as Error, found, family);
    }
    callback(null, found, family);
  });
};
