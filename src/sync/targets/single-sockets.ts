import { type buildConnector, Client, Dispatcher } from "undici";

/**
 * One socket a host at a time, one request on it after the other. Not an Agent, which puts another client in the place of one
 * whose socket was lost while that one may still be at work.
 */
export class SingleSockets extends Dispatcher {
  readonly #clients = new Map<string, Client>();

  constructor(private readonly open: buildConnector.connector) {
    super();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const origin = String(options.origin);
    const client = this.#clients.get(origin) ?? new Client(origin, { connect: this.open, pipelining: 1 });
    this.#clients.set(origin, client);
    return client.dispatch(options, handler);
  }

  override async destroy(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.destroy()));
  }
}
