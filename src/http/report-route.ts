import type { FastifyInstance } from "fastify";
import { addPage, type Page, sourceOf } from "./add-page.js";
import { readBuiltFile } from "./built-file.js";

/** Mounts `/report`: a page that asks the API with the key that whoever looks at it gives. See `web/report`. */
export function addReportRoute(http: FastifyInstance): void {
  addPage(http, "/report", makeReport);
}

async function makeReport(): Promise<Page> {
  const [script, style] = await Promise.all([readBuiltFile("report.js"), readBuiltFile("report.css")]);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Allotment licence report</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>This report is drawn by a script. Without one, /report.csv has the same as a table.</noscript>
<script>${script}</script>
</body>
</html>
`;
  return { html, allows: [`style-src ${sourceOf(style)}`, "img-src data:"] };
}
