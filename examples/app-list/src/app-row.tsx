import { useState } from "react";
import type { AppInListFragment } from "./gql/graphql.js";

/** One app: what it is, and how many of its licences are taken. */
export function AppRow({ app }: { app: AppInListFragment }) {
  const { name, adamId, developer, iconUrl, token, waiting } = app;
  const title = name ?? `App ${adamId}`;
  return (
    <li>
      <Icon key={iconUrl} url={iconUrl} letter={title.charAt(0)} />
      <div className="name">
        <strong>{title}</strong>
        <small>{[developer, token.name].filter(Boolean).join(" · ")}</small>
      </div>
      <Counts app={app} title={title} />
      {waiting > 0 && <span className="waiting">{waiting} waiting</span>}
    </li>
  );
}

/** Apple's picture, or the first letter while there is none, and where Apple is not reached. */
function Icon({ url, letter }: { url: string | null; letter: string }) {
  const [missing, setMissing] = useState(url === null);
  if (url === null || missing) return <span className="icon">{letter}</span>;
  return <img className="icon" src={url} alt="" loading="lazy" onError={() => setMissing(true)} />;
}

function Counts({ app, title }: { app: AppInListFragment; title: string }) {
  const { unlimited, totalCount, heldCount, freeCount } = app;
  if (unlimited || totalCount == null) return <span className="counts">{heldCount} used, without a limit</span>;
  return (
    <span className="counts">
      <meter
        aria-label={`Licences of ${title} in use`}
        min={0}
        max={totalCount}
        value={totalCount - (freeCount ?? 0)}
      />
      {freeCount} of {totalCount} free
    </span>
  );
}
