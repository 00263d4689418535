import { controlCallOf } from "../../http/control-call.js";
import type { ServerCertificate } from "../certificate.js";
import type { Site } from "../model/site.js";

/** What the control plane steers. */
export interface Steered {
  readonly site: Site;
  /** The server shows another certificate from now on. */
  renewCertificate(): Promise<ServerCertificate>;
  /** Cuts every open connection to the AdminService. */
  closeSockets(): void;
}

export const controlCall = controlCallOf<Steered>();
