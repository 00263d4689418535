import { useState } from "preact/hooks";
import { AppDetail } from "./app-detail.js";
import { daysUntil, formatCount, formatDay } from "./format.js";
import { LicenseBar } from "./license-bar.js";
import type { AppSeen } from "./queries.js";

/** Further ahead nobody has to act yet. */
const SOON_DAYS = 60;

interface AppRowProps {
  readonly app: AppSeen;
  readonly version: number;
}

/** One app; opened, it shows how it came to this and where it leads. */
export function AppRow({ app, version }: AppRowProps) {
  const [open, setOpen] = useState(false);
  const { storeApp, bought, assigned, free, waiting, unlimited } = app;
  const name = app.name ?? `App ${app.adamId}`;
  const detailId = `detail-${storeApp.id}`;
  return (
    <tbody>
      <tr>
        <th scope="row">
          <button
            type="button"
            class="app-name"
            aria-expanded={open}
            aria-controls={detailId}
            onClick={() => setOpen(!open)}
          >
            <bdi>{name}</bdi>
          </button>
          <LicenseBar licenses={app} />
          <p class="note">
            <bdi>{app.token.name}</bdi>
            <RunsOut endsAt={storeApp.forecast.endsAt} free={free} />
          </p>
          {storeApp.warning !== null && <p class="warning">{storeApp.warning}</p>}
        </th>
        <td>{unlimited || bought === null ? "no limit" : formatCount(bought)}</td>
        <td>{formatCount(assigned)}</td>
        <td class={free === 0 ? "none" : undefined}>{unlimited || free === null ? "no limit" : formatCount(free)}</td>
        <td class={waiting > 0 ? "some" : undefined}>{formatCount(waiting)}</td>
      </tr>
      <tr id={detailId} hidden={!open}>
        <td colSpan={5} class="detail">
          {open && <AppDetail storeApp={storeApp.id} name={name} version={version} />}
        </td>
      </tr>
    </tbody>
  );
}

function RunsOut({ endsAt, free }: { readonly endsAt: string | null; readonly free: number | null }) {
  if (endsAt === null || daysUntil(endsAt) > SOON_DAYS) return null;
  return <strong class="runs-out">{free === 0 ? "Has run out" : `Runs out on ${formatDay(endsAt)}`}</strong>;
}
