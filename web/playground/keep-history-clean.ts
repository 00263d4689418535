/** GraphiQL writes what is typed into the page's address, from where it would go into the browser's history for good. */
export function keepHistoryClean(): void {
  history.replaceState = () => undefined;
}
