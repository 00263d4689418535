/** An answer of the API that is a refusal. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** Asks the public API, and nothing else. */
export type Ask = <Data>(operation: string, variables?: Record<string, unknown>) => Promise<Data>;

interface Answer<Data> {
  data?: Data;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** @returns what asks; it throws ApiRefusal for a refusal, and fetch's own error when nobody answers. */
export function connectApi(url: string, key: string): Ask {
  return async <Data>(query: string, variables: Record<string, unknown> = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Answer<Data>;
    const [error] = errors ?? [];
    if (error || !data) throw new ApiRefusal(error?.extensions?.code ?? "INTERNAL", error?.message ?? "no data");
    return data;
  };
}
