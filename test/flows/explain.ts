import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";

export interface LinkSeen {
  readonly cause: string;
  readonly evidence: string;
  readonly nextAction: string;
  readonly whoHasToAct: string;
  readonly since: string | null;
}

export interface ExplanationSeen {
  readonly installation: { readonly id: string; readonly state: string } | null;
  readonly chain: readonly LinkSeen[];
}

/** Asks why an app is not there: of an installation, or of an app and a device or a person. */
export async function explain(api: ApiClient, about: Record<string, string>): Promise<ExplanationSeen[]> {
  const { explainInstallation } = await api.ask<{ explainInstallation: ExplanationSeen[] }>(
    `query ($installation: ID, $serialNumber: String, $user: ID, $storeApp: ID) {
       explainInstallation(installation: $installation, serialNumber: $serialNumber, user: $user, storeApp: $storeApp) {
         installation { id state } chain { cause evidence nextAction whoHasToAct since } } }`,
    about,
  );
  return explainInstallation;
}

/** Waits until there is one answer with exactly these causes, from the wish down. */
export async function causesBecome(
  api: ApiClient,
  about: Record<string, string>,
  ...causes: readonly string[]
): Promise<readonly LinkSeen[]> {
  let seen: ExplanationSeen[] = [];
  return eventually(
    async () => {
      seen = await explain(api, about);
      const [only, ...others] = seen;
      const told = only?.chain.map(({ cause }) => cause);
      return only && others.length === 0 && JSON.stringify(told) === JSON.stringify(causes) ? only.chain : null;
    },
    () => seen.map(({ installation, chain }) => ({ installation, causes: chain.map(({ cause }) => cause) })),
  );
}
