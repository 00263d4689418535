import { useEffect, useState } from "preact/hooks";
import { AppTable } from "./app-table.js";
import { Failure } from "./failure.js";
import { Pager } from "./pager.js";
import { APP_COUNT, APPS, type AppCountAnswer, type AppsAnswer } from "./queries.js";
import { nounOf, type ProductType, type Scope } from "./scope.js";
import { SearchField } from "./search-field.js";
import { type Sorting, sortedBy } from "./sorting.js";
import { useAnswer } from "./use-answer.js";
import { usePaging } from "./use-paging.js";

const PAGE_SIZES = [25, 50, 100, 500];

interface AppsProps {
  readonly scope: Scope;
  /** Changes whenever any app may have, and with those that are shown. */
  readonly version: number;
  readonly shownVersion: number;
  /** Told the ids of the apps of each page. */
  onShown(storeApps: readonly string[]): void;
  onProductType(productType: ProductType): void;
  onAllTokens(): void;
}

/** Every app, page by page: searched, sorted and limited by the server. */
export function Apps({ scope, version, shownVersion, onShown, onProductType, onAllTokens }: AppsProps) {
  const paging = usePaging(25);
  const [search, setSearch] = useState("");
  const [sorting, setSorting] = useState<Sorting>({ field: "NAME", direction: "ASC" });
  const which = { productType: scope.productType, token: scope.token?.id ?? null, search: search || null };
  const variables = { ...which, ...paging.place, orderBy: sorting };
  const counted = useAnswer<AppCountAnswer>(APP_COUNT, which, version);
  const { data, current, error, pending, again } = useAnswer<AppsAnswer>(APPS, variables, version + shownVersion);
  const found = data?.licenseReport.apps;
  const total = counted.current ? (counted.data?.licenseReport.apps.totalCount ?? null) : null;
  const empty = current && found?.nodes.length === 0 && paging.from === 1;
  const noun = nounOf(scope);
  useEffect(() => onShown(found?.nodes.map(({ storeApp }) => storeApp.id) ?? []), [found, onShown]);
  return (
    <section aria-labelledby="apps-title" aria-busy={pending}>
      <div class="toolbar">
        <h2 id="apps-title">{noun === "apps" ? "Apps" : "Books"}</h2>
        {scope.token !== null && (
          <button type="button" class="chip" onClick={onAllTokens}>
            Only <bdi>{scope.token.name}</bdi> <span aria-hidden="true">×</span>
            <span class="unseen">: show all tokens</span>
          </button>
        )}
        <SearchField
          label={`Search ${noun}`}
          onSearch={(text) => {
            setSearch(text);
            paging.restart();
          }}
        />
        <label class="field">
          <span>Show</span>
          <select
            value={scope.productType}
            onChange={({ currentTarget }) => onProductType(currentTarget.value as ProductType)}
          >
            <option value="APP">Apps</option>
            <option value="BOOK">Books</option>
          </select>
        </label>
        <label class="field">
          <span>Rows</span>
          <select value={paging.size} onChange={({ currentTarget }) => paging.restart(Number(currentTarget.value))}>
            {PAGE_SIZES.map((size) => (
              <option key={size}>{size}</option>
            ))}
          </select>
        </label>
      </div>
      {error && <Failure error={error} onAgain={again} />}
      {!found && !error && <p role="status">Reading…</p>}
      {empty && <p class="empty">{emptyText(noun, search)}</p>}
      {found && !empty && (
        <>
          <AppTable
            apps={found.nodes}
            sorting={sorting}
            noun={noun}
            version={version + shownVersion}
            onSort={(field) => {
              setSorting(sortedBy(sorting, field));
              paging.restart();
            }}
          />
          <Pager
            noun={noun}
            paging={paging}
            page={found.pageInfo}
            shown={found.nodes.length}
            total={total}
            turning={!current}
          />
        </>
      )}
    </section>
  );
}

function emptyText(noun: string, search: string): string {
  if (search !== "") return `No ${noun} are called anything like “${search}”.`;
  return `There are no ${noun}. They come with the first synchronisation of a token, and with every purchase.`;
}
