import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules", ".cache");

/** The package unpacks into the temporary directory; and the system's libraries too only where it believes to be needed so. */
const UNPACK = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
const BELIEVED = { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };

/** A Chromium that needs nothing of the machine: with its libraries and its one font. */
export interface UnpackedBrowser {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Unpacks Chromium from its npm package, once for this clone; two seconds and 200 MB. Whoever does it meanwhile does no harm. */
export async function unpackBrowser(): Promise<UnpackedBrowser> {
  const home = join(CACHE, "chromium");
  if (!existsSync(home)) await unpackTo(home);
  return {
    executable: join(home, "chromium"),
    environment: {
      LD_LIBRARY_PATH: join(home, "al2023", "lib"),
      FONTCONFIG_FILE: join(home, "fonts.conf"),
      HOME: home,
    },
  };
}

async function unpackTo(home: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, "chromium-draft-"));
  const env = { ...process.env, ...BELIEVED, TMPDIR: draft };
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", UNPACK], { cwd: ROOT, env });
  await writeFile(join(draft, "fonts.conf"), fontsConfiguration(home));
  await rename(draft, home).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  });
}

/** Text is as wide on every machine. */
function fontsConfiguration(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(home, "fonts")}</dir><cachedir>${join(home, "fonts-cache")}</cachedir></fontconfig>
`;
}
