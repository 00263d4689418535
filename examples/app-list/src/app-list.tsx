import { useDeferredValue, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { AppRow } from "./app-row.jsx";
import { AppsChangedDocument, AppsDocument } from "./gql/graphql.js";

const PAGE = 25;
/** As many as one subscription follows. */
const FOLLOWED = 500;

/** The apps, a page more at each press, with counts that follow what happens. */
export function AppList({ onLeave }: { onLeave: () => void }) {
  const [search, setSearch] = useState("");
  const nameContains = useDeferredValue(search.trim()) || null;
  return (
    <main>
      <header>
        <h1>Apps</h1>
        <input
          type="search"
          aria-label="Search names"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <button type="button" onClick={onLeave}>
          Change key
        </button>
      </header>
      <Apps key={nameContains} nameContains={nameContains} />
    </main>
  );
}

function Apps({ nameContains }: { nameContains: string | null }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }] = useQuery({
    query: AppsDocument,
    variables: { first: PAGE, after, filter: { nameContains } },
  });
  const apps = data?.storeApps.nodes ?? [];
  const ids = apps.slice(-FOLLOWED).map(({ id }) => id);
  // What it brings goes into the client's cache, and so into the list.
  const [live] = useSubscription({ query: AppsChangedDocument, variables: { ids }, pause: ids.length === 0 });

  const problem = error ?? live.error;
  const { hasNextPage, endCursor } = data?.storeApps.pageInfo ?? { hasNextPage: false, endCursor: null };
  return (
    <>
      {problem && <p role="alert">{problem.graphQLErrors[0]?.message ?? "Allotment is not reached. Is it running?"}</p>}
      {data && apps.length === 0 && <p>{nameContains === null ? "There are no apps yet." : "No app is called so."}</p>}
      <ul aria-busy={fetching}>
        {apps.map((app) => (
          <AppRow key={app.id} app={app} />
        ))}
      </ul>
      {hasNextPage && (
        <button type="button" disabled={fetching} onClick={() => setAfter(endCursor ?? null)}>
          More
        </button>
      )}
    </>
  );
}
