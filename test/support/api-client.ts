/** An error as the API answers it. */
export interface ApiError {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly details?: Record<string, unknown> };
}

export interface ApiAnswer<Data> {
  readonly status: number;
  readonly data: Data | null;
  readonly errors: readonly ApiError[];
}

/** A client of the GraphQL API, as a front-end team would write it. */
export interface ApiClient {
  /** The whole answer, errors included. */
  send<Data>(operation: string, variables?: Record<string, unknown>): Promise<ApiAnswer<Data>>;
  /** The data; throws when there are errors. */
  ask<Data>(operation: string, variables?: Record<string, unknown>): Promise<Data>;
  /** The code of the error that is expected; throws when there is none. */
  refused(operation: string, variables?: Record<string, unknown>): Promise<ApiError>;
}

export function createApiClient(url: string, key: string | null): ApiClient {
  async function send<Data>(query: string, variables: Record<string, unknown> = {}): Promise<ApiAnswer<Data>> {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as { data?: Data; errors?: ApiError[] };
    return { status: response.status, data: body.data ?? null, errors: body.errors ?? [] };
  }
  return {
    send,
    async ask<Data>(operation: string, variables?: Record<string, unknown>) {
      const { data, errors } = await send<Data>(operation, variables);
      if (errors.length > 0 || data === null) throw new Error(`The API refused: ${JSON.stringify(errors)}`);
      return data;
    },
    async refused(operation, variables) {
      const { errors } = await send(operation, variables);
      const [error] = errors;
      if (!error) throw new Error("The API refused nothing");
      return error;
    },
  };
}
