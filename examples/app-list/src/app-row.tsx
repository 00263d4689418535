import type { AppInListFragment } from "./gql/graphql.js";

/** One app: what it is, and how many of its licences are taken. */
export function AppRow({ app }: { app: AppInListFragment }) {
  const { name, adamId, developer, iconUrl, token, waiting } = app;
  const title = name ?? `App ${adamId}`;
  return (
    <li>
      {iconUrl ? <img src={iconUrl} alt="" loading="lazy" /> : <span className="icon">{title[0]}</span>}
      <div className="name">
        <strong>{title}</strong>
        <small>{[developer, token.name].filter(Boolean).join(" · ")}</small>
      </div>
      <Counts app={app} />
      {waiting > 0 && <span className="waiting">{waiting} waiting</span>}
    </li>
  );
}

function Counts({ app: { unlimited, totalCount, heldCount, freeCount, name } }: { app: AppInListFragment }) {
  if (unlimited || totalCount == null) return <span className="counts">{heldCount} used, without a limit</span>;
  return (
    <span className="counts">
      <meter aria-label={`Licences of ${name} in use`} min={0} max={totalCount} value={totalCount - (freeCount ?? 0)} />
      {freeCount} of {totalCount} free
    </span>
  );
}
