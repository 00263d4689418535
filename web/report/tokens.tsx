import { useState } from "preact/hooks";
import { Failure } from "./failure.js";
import { Pager } from "./pager.js";
import { TOKENS, type TokensAnswer } from "./queries.js";
import type { Scope } from "./scope.js";
import { SearchField } from "./search-field.js";
import { TokenRow } from "./token-row.js";
import { useAnswer } from "./use-answer.js";
import { usePaging } from "./use-paging.js";

const PAGE_SIZE = 10;

interface TokensProps {
  readonly version: number;
  readonly chosen: Scope["token"];
  onChoose(token: Scope["token"]): void;
}

/** The tokens, those that expire first on top. */
export function Tokens({ version, chosen, onChoose }: TokensProps) {
  const paging = usePaging(PAGE_SIZE);
  const [search, setSearch] = useState("");
  const { data, current, error, pending, again } = useAnswer<TokensAnswer>(
    TOKENS,
    { ...paging.place, search: search || null },
    version,
  );
  const found = data?.tokens;
  return (
    <section aria-labelledby="tokens-title" aria-busy={pending}>
      <div class="toolbar">
        <h2 id="tokens-title">Tokens by expiry</h2>
        <SearchField
          label="Search tokens"
          onSearch={(text) => {
            setSearch(text);
            paging.restart();
          }}
        />
      </div>
      {error && <Failure error={error} onAgain={again} />}
      {current && found?.totalCount === 0 && (
        <p class="empty">{search ? `No token is called anything like “${search}”.` : <NoTokens />}</p>
      )}
      {found && found.totalCount > 0 && (
        <>
          <ul class="tokens">
            {found.nodes.map((token) => (
              <TokenRow key={token.id} token={token} chosen={token.id === chosen?.id} onChoose={onChoose} />
            ))}
          </ul>
          <Pager
            noun="tokens"
            paging={paging}
            page={found.pageInfo}
            shown={found.nodes.length}
            total={found.totalCount}
            turning={!current}
          />
        </>
      )}
    </section>
  );
}

function NoTokens() {
  return (
    <>
      There is no token yet. Add one in the <a href="/playground">Playground</a>: its first tab shows how.
    </>
  );
}
