/** What the API refused, and by which code. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What the API answers when it does not answer with data. */
export interface Refusal {
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

interface Answer<Data> extends Refusal {
  readonly data?: Data | null;
}

/**
 * Asks the public API.
 * @throws ApiError with the API's code; UNREACHABLE when nothing answers, or something that is not the API.
 */
export async function ask<Data>(
  key: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Data> {
  const answer = await post<Data>(key, JSON.stringify({ query, variables }), signal);
  if (answer.errors?.length || !answer.data) throw refusalOf(answer);
  return answer.data;
}

/** The first of its errors; UNREACHABLE when it has none, since then it is not the API's. */
export function refusalOf({ errors }: Refusal): ApiError {
  const error = errors?.[0];
  return error ? new ApiError(error.extensions?.code ?? "INTERNAL", error.message) : unreachable();
}

async function post<Data>(key: string, body: string, signal: AbortSignal): Promise<Answer<Data>> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  try {
    const response = await fetch("/graphql", { method: "POST", headers, body, signal });
    return (await response.json()) as Answer<Data>;
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable();
  }
}

export function unreachable(): ApiError {
  return new ApiError("UNREACHABLE", "Allotment does not answer. It may be restarting, or the network may be away.");
}
