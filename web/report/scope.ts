export type ProductType = "APP" | "BOOK";

/** What the report is limited to. */
export interface Scope {
  readonly productType: ProductType;
  /** Null for all tokens. */
  readonly token: { readonly id: string; readonly name: string } | null;
}

/** The items in a sentence. */
export function nounOf({ productType }: Scope): string {
  return productType === "APP" ? "apps" : "books";
}
