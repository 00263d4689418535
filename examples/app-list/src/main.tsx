import { StrictMode, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { AppList } from "./app-list.jsx";
import { createClient } from "./create-client.js";
import { KeyForm } from "./key-form.jsx";

const STORED = "allotment-api-key";

function Page() {
  const [key, setKey] = useState(sessionStorage.getItem(STORED) ?? "");
  const client = useMemo(() => createClient({ url: `${location.origin}/graphql`, key }), [key]);
  const use = (given: string) => {
    sessionStorage.setItem(STORED, given);
    setKey(given);
  };
  if (key === "") return <KeyForm onKey={use} />;
  return (
    <Provider value={client}>
      <AppList onLeave={() => use("")} />
    </Provider>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
