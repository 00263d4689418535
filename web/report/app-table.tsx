import { AppRow } from "./app-row.js";
import type { AppSeen } from "./queries.js";
import type { SortField, Sorting } from "./sorting.js";

interface AppTableProps {
  readonly apps: readonly AppSeen[];
  readonly sorting: Sorting;
  readonly noun: string;
  readonly version: number;
  onSort(field: SortField): void;
}

/** One page of apps, each with its bar and its numbers. */
export function AppTable({ apps, sorting, noun, version, onSort }: AppTableProps) {
  const column = (field: SortField, name: string) => {
    const sorted = sorting.field === field;
    const order = sorting.direction === "ASC" ? "ascending" : "descending";
    return (
      <th scope="col" aria-sort={sorted ? order : "none"}>
        <button type="button" onClick={() => onSort(field)}>
          {name}
          <span class="arrow" aria-hidden="true" />
        </button>
      </th>
    );
  };
  return (
    <table class="apps">
      <caption class="unseen">Licences of {noun}. The column headers sort.</caption>
      <thead>
        <tr>
          {column("NAME", "Name")}
          {column("TOTAL_COUNT", "Bought")}
          {column("ASSIGNED_COUNT", "In use")}
          {column("FREE_COUNT", "Free")}
          <th scope="col">Waiting</th>
        </tr>
      </thead>
      {apps.map((app) => (
        <AppRow key={app.storeApp.id} app={app} version={version} />
      ))}
    </table>
  );
}
