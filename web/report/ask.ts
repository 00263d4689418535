/** What the API refused, and by which code. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
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
  const { data, errors } = await post<Data>(key, JSON.stringify({ query, variables }), signal);
  const error = errors?.[0];
  if (error) throw new ApiError(error.extensions?.code ?? "INTERNAL", error.message);
  if (!data) throw unreachable();
  return data;
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

function unreachable(): ApiError {
  return new ApiError("UNREACHABLE", "Allotment does not answer. It may be restarting, or the network may be away.");
}
