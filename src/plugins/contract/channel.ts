/**
 * What a product proves itself by instead of a certificate of a public authority.
 *
 * `authority`: one or more certificates as PEM, at most 64 KiB: the authority's, or the server's own. They alone are trusted,
 * and the server's name and dates must fit.
 * `sha256`: the SHA-256 fingerprint of the server's certificate, 64 hexadecimal digits with or without colons. It must match
 * exactly, and stands instead of chain, name and dates.
 */
export type PinnedCertificate = { readonly authority: string } | { readonly sha256: string };

export interface ChannelOptions {
  /** Left out: the authorities that Node trusts. With one, only https is reached. */
  readonly certificate?: PinnedCertificate;
}

/** Sockets that no other Connection shares, under the rules of `fetch`. */
export interface Channel {
  /**
   * As `PluginTools.fetch`.
   * @throws PluginError as `fetch` does, and `config` when the server's certificate is not the one that was asked for.
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Runs an exchange whose requests go over one socket a host, one after the other, with no other request in between: for
   * products that authenticate a socket, as NTLM does. Exchanges of one Channel wait for each other. The socket stays open for a
   * later exchange, which may find it authenticated, or another one: be ready for both.
   * @param run gets the `fetch` to use, good until it ends.
   * @throws PluginError `transient` when the signal fires before its turn; what `run` throws. A socket that is lost in the middle
   * fails the next request as `transient`; it never goes over another one.
   */
  exchange<T>(signal: AbortSignal, run: (fetch: typeof globalThis.fetch) => Promise<T>): Promise<T>;
}
