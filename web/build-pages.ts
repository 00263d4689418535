import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bundles the scripts and the styles of the pages into `dist/web/`, from where `src/http` puts each into its page. */
export async function buildPages(): Promise<void> {
  await build({
    absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
    entryPoints: { playground: "web/playground/main.ts", report: "web/report/main.tsx" },
    outdir: "dist/web",
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    tsconfig: "web/tsconfig.json",
    logLevel: "warning",
  });
}
