import { ApiError, type Refusal, refusalOf, unreachable } from "./ask.js";
import type { Scope } from "./scope.js";

/** Some browsers begin to read what a link leads to only after it was followed. */
const KEPT_MS = 60_000;

/**
 * Has the browser save the report as a table. It cannot send the key along with a link.
 * @throws ApiError as the API refused it; UNREACHABLE when nothing answers, or the table is cut off.
 */
export async function downloadCsv(key: string, scope: Scope): Promise<void> {
  const { name, table } = await fetchTable(key, scope);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(table);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

async function fetchTable(key: string, { productType, token }: Scope): Promise<{ name: string; table: Blob }> {
  const query = new URLSearchParams({ productType, ...(token && { token: token.id }) });
  try {
    const response = await fetch(`/report.csv?${query}`, { headers: { authorization: `Bearer ${key}` } });
    if (!response.ok) throw refusalOf((await response.json()) as Refusal);
    const [, name = "report.csv"] = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "") ?? [];
    return { name, table: await response.blob() };
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable();
  }
}
