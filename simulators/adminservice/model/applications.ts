import { ODataError } from "../odata/odata-error.js";
import type { Application } from "./records.js";

const FIRST_CI_ID = 16_778_000;

/** Applications, each revision a row of its own. */
export class Applications {
  readonly rows: Application[] = [];

  /**
   * Reads what is told of an application in its digest.
   * @throws ODataError 400 for one that is none, or whose name is in use.
   */
  create(digest: string): Application {
    const { ModelName } = read(digest);
    if (this.latest(ModelName) !== undefined)
      throw new ODataError(400, "An application with this name exists already.");
    return this.#add(digest, FIRST_CI_ID + 500_000 + this.rows.length, 1);
  }

  /** As an admin who edits it does: the old revision stays, and is not the latest. */
  revise(application: Application): Application {
    application.isLatest = false;
    return this.#add(application.digest, application.ModelID, application.version + 1);
  }

  latest(modelName: string): Application | undefined {
    return this.rows.find((row) => row.isLatest && row.ModelName.toLowerCase() === modelName.toLowerCase());
  }

  #add(digest: string, ModelID: number, version: number): Application {
    const application = {
      CI_ID: FIRST_CI_ID + this.rows.length,
      ModelID,
      version,
      ...read(digest),
      digest,
      isLatest: true,
      createdAt: new Date(),
    };
    this.rows.push(application);
    return application;
  }
}

function read(digest: string): Pick<Application, "ModelName" | "title" | "adamId"> {
  const [, attributes = ""] = /<AppMgmtDigest\b[\s\S]*?<Application\b([^>]*)>/.exec(digest) ?? [];
  const [, scope] = /AuthoringScopeId="([^"]+)"/.exec(attributes) ?? [];
  const [, name] = /LogicalName="([^"]+)"/.exec(attributes) ?? [];
  const [, title] = /<Info\b[^>]*>[\s\S]*?<Title>([^<]*)<\/Title>/.exec(digest) ?? [];
  if (!scope || !name || !title) throw new ODataError(400, "SDMPackageXML is no AppMgmtDigest of an application.");
  const [, adamId = ""] = /https:\/\/(?:apps|itunes)\.apple\.com\/[^<]*?id(\d+)/.exec(digest) ?? [];
  return { ModelName: `${scope}/${name}`, title: unescaped(title), adamId };
}

function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_entity, name: string) => characters[name] ?? "");
}
