import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { FastifyInstance } from "fastify";
import { addPage, type Page } from "./add-page.js";
import { readBuiltFile } from "./built-file.js";
import { playgroundExamples } from "./playground-examples.js";

/** GraphiQL makes its workers from the page, and styles as it goes. */
const ALLOWS = ["worker-src blob:", "style-src 'unsafe-inline'", "img-src data:", "font-src data:"];

/** Mounts `/playground`: GraphiQL without any request to another host, and before it our own script, which sees to the key. */
export function addPlaygroundRoute(http: FastifyInstance): void {
  addPage(http, "/playground", makePlayground);
}

async function makePlayground(): Promise<Page> {
  const [script, style] = await Promise.all([readBuiltFile("playground.js"), readBuiltFile("playground.css")]);
  const page = renderGraphiQL({
    title: "Allotment Playground",
    endpoint: "/graphql",
    // Subscriptions too, which then come as a stream of events with the same headers as queries.
    method: "POST",
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "variables",
    defaultTabs: playgroundExamples.map(({ query, variables }) => ({
      query,
      ...(variables && { variables: JSON.stringify(variables, null, 2) }),
    })),
  });
  const ours = `<style>${style}</style><script>${script}</script>`;
  return { html: page.replace("<head>", () => `<head>${ours}`), allows: ALLOWS };
}
