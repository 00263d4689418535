import { randomBytes } from "node:crypto";
import type { Account } from "../model/records.js";
import type { Site } from "../model/site.js";
import { authenticatedBy, challengeMessage, messageNumber } from "./ntlm.js";

/** Either an account, or the challenges of a 401. */
export type Access = { readonly account: string } | { readonly challenges: readonly string[] };

interface SocketState {
  /** What was sent on this socket and waits for an answer. */
  challenge: Buffer | null;
  account: Account | null;
}

/** Windows integrated authentication: NTLM belongs to the socket, a Kerberos ticket comes with each request. */
export class WindowsAccess {
  readonly #sockets = new WeakMap<object, SocketState>();

  constructor(private readonly site: Site) {}

  admit(socket: object, authorization: string | undefined): Access {
    const state = this.#sockets.get(socket) ?? { challenge: null, account: null };
    this.#sockets.set(socket, state);
    const [, scheme = "", text = ""] = /^(NTLM|Negotiate) +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (scheme === "") return state.account ? { account: state.account.user } : this.#refused();
    if (!this.#offers(scheme)) return this.#refused();
    const message = Buffer.from(text, "base64");
    switch (messageNumber(message)) {
      case 1:
        state.account = null;
        state.challenge = randomBytes(8);
        return { challenges: [`${scheme} ${challengeMessage(state.challenge).toString("base64")}`] };
      case 3:
        return this.#answered(state, message);
      default:
        return this.#ticket(message.toString("utf8"));
    }
  }

  #answered(state: SocketState, message: Buffer): Access {
    const { challenge } = state;
    state.challenge = null;
    const account = challenge && authenticatedBy(message, challenge, this.site.accounts);
    if (!account) return this.#refused();
    if (this.site.switches.authPersists) state.account = account;
    return { account: account.user };
  }

  /** No real ticket: the text `kerberos:` and the name of an account. */
  #ticket(text: string): Access {
    const { kerberos } = this.site.switches;
    const account = this.site.accounts.find(({ user }) => text === `kerberos:${user}`);
    return kerberos && account ? { account: account.user } : this.#refused();
  }

  #offers(scheme: string): boolean {
    const { schemes } = this.site.switches;
    return schemes === "both" || schemes === scheme.toLowerCase();
  }

  #refused(): Access {
    return { challenges: ["Negotiate", "NTLM"].filter((scheme) => this.#offers(scheme)) };
  }
}
