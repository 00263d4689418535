/** A text as OData writes it in a filter or a key: in single quotes, with those inside doubled. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `Name eq 1 or Name eq 2`. */
export function anyOf(name: string, values: readonly (string | number)[]): string {
  return values.map((value) => `${name} eq ${typeof value === "number" ? value : quoted(value)}`).join(" or ");
}

/** A query with its options in order; what is left out is not sent. */
export function queryOf(options: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const text = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
  return text === "" ? "" : `?${text}`;
}

/** In parts of at most so many. */
export function inParts<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );
}
