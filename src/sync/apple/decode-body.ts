import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { MAX_ANSWER_BYTES } from "./dispatcher.js";

const LIMIT = { maxOutputLength: MAX_ANSWER_BYTES };

const DECODERS: ReadonlyMap<string, (bytes: Buffer) => Promise<Buffer>> = new Map([
  ["gzip", (bytes) => promisify(gunzip)(bytes, LIMIT)],
  ["x-gzip", (bytes) => promisify(gunzip)(bytes, LIMIT)],
  ["deflate", (bytes) => promisify(inflate)(bytes, LIMIT)],
  ["br", (bytes) => promisify(brotliDecompress)(bytes, LIMIT)],
]);

/** We ask for gzip; whoever answers otherwise nevertheless is understood, too. */
export const ACCEPTED_ENCODING = "gzip";

/** The text of a body that came in a `Content-Encoding`. @throws Error when it is damaged, too large, or of an unknown kind. */
export async function decodeBody(bytes: ArrayBuffer, contentEncoding: string): Promise<string> {
  let decoded = Buffer.from(bytes);
  // Encodings are named in the order in which they were applied.
  for (const name of contentEncoding.toLowerCase().split(",").reverse()) {
    const kind = name.trim();
    if (kind === "" || kind === "identity") continue;
    const decoder = DECODERS.get(kind);
    if (!decoder) throw new UnknownEncodingError();
    decoded = Buffer.from(await decoder(decoded));
  }
  return new TextDecoder().decode(decoded);
}

class UnknownEncodingError extends Error {
  override readonly name = "UnknownEncodingError";
}
