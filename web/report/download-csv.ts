import { ApiError } from "./ask.js";
import type { Scope } from "./scope.js";

/**
 * Has the browser save the report as a table. It cannot send the key along with a link.
 * @throws ApiError as the API refused it.
 */
export async function downloadCsv(key: string, { productType, token }: Scope): Promise<void> {
  const query = new URLSearchParams({ productType, ...(token && { token: token.id }) });
  const response = await fetch(`/report.csv?${query}`, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) {
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    throw new ApiError(errors[0]?.extensions.code ?? "INTERNAL", errors[0]?.message ?? "The table could not be made.");
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "report.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}
