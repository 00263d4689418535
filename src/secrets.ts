import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "./errors.js";

const VERSION = "v1";
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where a sealed text is stored. It opens there only: moved to another row, column or table it is refused. */
export interface SecretPlace {
  readonly table: string;
  readonly column: string;
  /** The row's primary key, as text. */
  readonly row: string;
}

/** Encrypts what must not lie readable in the database or its backups. */
export interface SecretBox {
  /** `v1.<key id>.<nonce>.<ciphertext and tag>`, each part in base64url; no two results are alike. */
  seal(plain: string, place: SecretPlace): string;
  /** Throws AppError INTERNAL if the text was not sealed for this place by one of our keys; never names its content. */
  open(sealed: string, place: SecretPlace): string;
  /**
   * A secret of its own for each purpose, which need not be stored since it is always the same: 32 bytes in base64url.
   * It tells nothing of the keys or of other purposes' secrets, and changes with the first key.
   */
  derive(purpose: string): string;
  /** Tells texts apart of which nobody may guess what they are: `<key id>.<HMAC-SHA-256>`, the same for one text and first key. */
  digest(text: string): string;
  /** Whether it is the digest of this text by one of our keys. */
  isDigest(digest: string, text: string): boolean;
}

/**
 * A box of AES-256-GCM keys of 32 bytes. The first key seals and all open, so a key is rotated by putting a new one in
 * front of it until every row was sealed anew.
 */
export function createSecretBox(keys: readonly Uint8Array[]): SecretBox {
  const [first] = keys;
  if (!first || keys.some((key) => key.length !== KEY_BYTES)) {
    throw new AppError("INTERNAL", `A secret box needs at least one key, and each of ${KEY_BYTES} bytes.`);
  }
  const byId = new Map(keys.map((key) => [keyId(key), key]));
  const derivationKey = Buffer.from(hkdfSync("sha256", first, "", "allotment derived secrets", KEY_BYTES));
  return {
    seal: (plain, place) => sealWith(first, plain, place),
    open(sealed, place) {
      const [version, id = "", nonce = "", body = "", ...rest] = sealed.split(".");
      if (version !== VERSION || rest.length > 0) throw unreadable(place, "it is not in a format this release knows");
      const key = byId.get(id);
      if (!key) throw unreadable(place, `its key (id ${id.slice(0, 16)}) is not in ENCRYPTION_KEY`);
      return openWith(key, { nonce, body }, place);
    },
    derive: (purpose) => createHmac("sha256", derivationKey).update(purpose).digest("base64url"),
    digest: (text) => digestWith(first, text),
    isDigest(digest, text) {
      const key = byId.get(digest.split(".")[0] ?? "");
      return key !== undefined && digestWith(key, text) === digest;
    },
  };
}

function digestWith(key: Uint8Array, text: string): string {
  const digestKey = Buffer.from(hkdfSync("sha256", key, "", "allotment digests", KEY_BYTES));
  return `${keyId(key)}.${createHmac("sha256", digestKey).update(text).digest("base64url")}`;
}

/** Names a key without telling anything about it. */
function keyId(key: Uint8Array): string {
  return createHash("sha256").update("allotment key id\0").update(key).digest().subarray(0, 6).toString("base64url");
}

function sealWith(key: Uint8Array, plain: string, place: SecretPlace): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(key, place));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, keyId(key), nonce.toString("base64url"), body.toString("base64url")].join(".");
}

function openWith(key: Uint8Array, sealed: { nonce: string; body: string }, place: SecretPlace): string {
  const nonce = Buffer.from(sealed.nonce, "base64url");
  const body = Buffer.from(sealed.body, "base64url");
  if (nonce.length !== NONCE_BYTES || body.length < TAG_BYTES) throw unreadable(place, "it is cut short");
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(key, place));
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch {
    throw unreadable(place, "it was changed, or sealed for another place");
  }
}

/** JSON keeps the parts apart: no two places give the same bytes. */
function boundTo(key: Uint8Array, { table, column, row }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId(key), table, column, row]));
}

function unreadable({ table, column, row }: SecretPlace, reason: string): AppError {
  return new AppError("INTERNAL", `The secret in ${table}.${column} of row ${row} cannot be opened: ${reason}.`);
}
