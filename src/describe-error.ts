import { withoutValues } from "./schema/without-values.js";

/** PostgreSQL's "data exception": only these messages quote what a statement was given. */
const DATA_EXCEPTION = /^22/;

/**
 * What may be written down of an error: name, message, code, stack and cause, and nothing that can hold a secret. Not a
 * statement's parameters nor the database's details, which quote rows, and no value that a message quotes.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === "string" ? error : { thrown: typeof error };
  const { name, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  const message = "severity" in error ? ofDatabase(error.message, String(code)) : withoutValues(error.message);
  return {
    name,
    message,
    code,
    stack: error.message === "" ? stack : stack?.replaceAll(error.message, () => message),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

/** From the first quote to the last: a value may hold quotes of its own. */
function ofDatabase(message: string, sqlState: string): string {
  return DATA_EXCEPTION.test(sqlState) ? message.replace(/"[\s\S]*"/, '"…"') : message;
}
