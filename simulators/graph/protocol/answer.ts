/** An answer before it is sent, alone or as a part of a batch. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or bytes of another kind, or nothing. */
  readonly body: unknown;
  readonly bytes?: Uint8Array;
}

export function json(body: unknown, status = 200): Answer {
  return { status, headers: { "content-type": "application/json;odata.metadata=minimal" }, body };
}

export function noContent(): Answer {
  return { status: 204, headers: {}, body: undefined };
}

export function bytes(content: Uint8Array, contentType: string): Answer {
  return { status: 200, headers: { "content-type": contentType }, body: undefined, bytes: content };
}
