import { createHmac, timingSafeEqual } from "node:crypto";
import { createNTHashedPasswordV1 } from "@node-ntlm/core";
import type { Account } from "../model/records.js";

const SIGNATURE = Buffer.from("NTLMSSP\0", "latin1");
/** Unicode, a target name, NTLM, extended security, target information, 128 and 56 bits. */
const FLAGS = 0x0000_0001 | 0x0000_0004 | 0x0000_0200 | 0x0008_0000 | 0x0080_0000 | 0x2000_0000;
const TARGET = Buffer.from("EXAMPLE", "utf16le");
const HEADER_BYTES = 48;
const PROOF_BYTES = 16;
/** Of the blob before the target's information. */
const BLOB_HEAD_BYTES = 28;

/** The number of an NTLM message, 1 to 3; null for what is none. */
export function messageNumber(message: Buffer): number | null {
  if (message.length < 12 || !message.subarray(0, 8).equals(SIGNATURE)) return null;
  return message.readUInt32LE(8);
}

/** The second message (MS-NLMP 2.2.1.2): the challenge. */
export function challengeMessage(challenge: Buffer): Buffer {
  const information = targetInformation();
  const head = Buffer.alloc(HEADER_BYTES);
  SIGNATURE.copy(head);
  head.writeUInt32LE(2, 8);
  writeField(head, 12, TARGET.length, HEADER_BYTES);
  head.writeUInt32LE(FLAGS, 20);
  challenge.copy(head, 24);
  writeField(head, 40, information.length, HEADER_BYTES + TARGET.length);
  return Buffer.concat([head, TARGET, information]);
}

/**
 * Checks the third message (MS-NLMP 3.3.2): NTLMv2 only, with the account's password and over the challenge that was sent.
 * @returns the account; null when nobody is let in.
 */
export function authenticatedBy(message: Buffer, challenge: Buffer, accounts: readonly Account[]): Account | null {
  const response = readField(message, 20);
  const [domain, user] = [readField(message, 28), readField(message, 36)].map((field) => field.toString("utf16le"));
  const account = accounts.find((one) => sameName(one.user, user) && sameName(one.domain, domain));
  if (account === undefined || response.length < PROOF_BYTES + BLOB_HEAD_BYTES) return null;
  const [proof, blob] = [response.subarray(0, PROOF_BYTES), response.subarray(PROOF_BYTES)];
  const named = Buffer.from(`${user?.toUpperCase()}${domain}`, "utf16le");
  const key = md5(createNTHashedPasswordV1(account.password), named);
  const expected = md5(key, Buffer.concat([challenge, blob]));
  const carriesOurs = blob.includes(targetInformation());
  return carriesOurs && timingSafeEqual(expected, proof) ? account : null;
}

function targetInformation(): Buffer {
  const pair = (id: number, value: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  };
  return Buffer.concat([pair(2, TARGET), pair(1, Buffer.from("SITE", "utf16le")), pair(0, Buffer.alloc(0))]);
}

function writeField(message: Buffer, place: number, length: number, offset: number): void {
  message.writeUInt16LE(length, place);
  message.writeUInt16LE(length, place + 2);
  message.writeUInt32LE(offset, place + 4);
}

function readField(message: Buffer, place: number): Buffer {
  if (message.length < place + 8) return Buffer.alloc(0);
  const [length, offset] = [message.readUInt16LE(place), message.readUInt32LE(place + 4)];
  return message.subarray(offset, offset + length);
}

function md5(key: Buffer, data: Buffer): Buffer {
  return createHmac("md5", key).update(data).digest();
}

function sameName(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}
