import { expect, test } from "vitest";
import { type SampleApi, startSampleApi } from "./sample-api.js";

const PAGE = `query ($after: String, $before: String, $direction: OrderDirection!) {
  devices(after: $after, before: $before, orderBy: { field: NAME, direction: $direction }) { edges { cursor node { name } } }
}`;

interface Page {
  readonly devices: { readonly edges: readonly { readonly cursor: string; readonly node: { name: string | null } }[] };
}

test.each([
  ["one statement", true],
  ["the ordinary execution", false],
])(
  "between any two places of a list lies what is between them, also where values are missing, by %s",
  async (_, fast) => {
    const api: SampleApi = await startSampleApi(undefined, fast);
    try {
      for (const name of ["a", "b", null, null]) await api.rows.device({ name });
      for (const direction of ["ASC", "DESC"]) {
        const { devices: all } = (await api.read(PAGE, { direction })) as Page;
        for (const [from, { cursor: after }] of all.edges.entries()) {
          for (const [to, { cursor: before }] of all.edges.entries()) {
            const { devices } = (await api.read(PAGE, { after, before, direction })) as Page;
            expect(devices.edges).toEqual(all.edges.slice(from + 1, Math.max(to, from + 1)));
          }
        }
      }
    } finally {
      await api.close();
    }
  },
);
