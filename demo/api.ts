/** A client of the public GraphQL API, and of nothing else. */
export interface Api {
  /** @throws Error with the API's own words when it refuses. */
  ask<Data>(operation: string, variables?: Record<string, unknown>): Promise<Data>;
}

interface Answer<Data> {
  data?: Data;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export function connectApi(url: string, key: string): Api {
  return {
    async ask<Data>(query: string, variables: Record<string, unknown> = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as Answer<Data>;
      const [error] = errors ?? [];
      if (error || !data)
        throw new Error(`${error?.extensions?.code ?? response.status}: ${error?.message ?? "no data"}`);
      return data;
    },
  };
}
