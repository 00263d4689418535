import { useState } from "preact/hooks";
import { Apps } from "./apps.js";
import { Heading } from "./heading.js";
import type { ProductType, Scope } from "./scope.js";
import { Tokens } from "./tokens.js";
import { Totals } from "./totals.js";
import { useLive } from "./use-live.js";

/** The whole page: how things stand, which tokens carry it, and every app. */
export function Report() {
  const [shown, setShown] = useState<readonly string[]>([]);
  const live = useLive(shown);
  const [scope, setScope] = useState<Scope>({ productType: "APP", token: null });
  return (
    <>
      <Heading scope={scope} live={live.connected} />
      <main>
        <Totals scope={scope} version={live.version} />
        <Apps
          key={`${scope.productType} ${scope.token?.id}`}
          scope={scope}
          version={live.version}
          shownVersion={live.shownVersion}
          onShown={setShown}
          onProductType={(productType: ProductType) => setScope({ ...scope, productType })}
          onAllTokens={() => setScope({ ...scope, token: null })}
        />
        <Tokens version={live.version} chosen={scope.token} onChoose={(token) => setScope({ ...scope, token })} />
      </main>
    </>
  );
}
