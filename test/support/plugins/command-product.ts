import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

interface Command {
  readonly id: string;
  readonly type: "InstallApplication" | "RemoveApplication" | "ManagedApplicationList";
  readonly adamId: string;
}

/** One call of the product to its webhook; it is sent once. */
export interface CommandEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A pretended MDM that sends one command to one device and tells by webhook, once, what came back. */
export interface CommandProduct {
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** Commands by device, in the order they came. */
  readonly commands: Map<string, Command[]>;
  /** Apps by device. */
  readonly installed: Map<string, Set<string>>;
  /** Devices that refuse every install. */
  readonly refusing: Set<string>;
  /** Where events go; null keeps them in `events` only. */
  webhookUrl: string | null;
  readonly events: CommandEvent[];
  /** A device enrols: it and its user are told of by webhook. */
  enroll(device: { id: string; serial: string; user: string | null }): Promise<void>;
  checkOut(id: string): Promise<void>;
  /** Resolves when every command that was queued has been done and told of. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCommandProduct(): Promise<CommandProduct> {
  const state = new State();
  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== `Bearer ${state.apiKey}`) return void response.writeHead(401).end();
    if (request.method === "GET") return void response.writeHead(200).end("{}");
    const device = (request.url ?? "").split("/").at(-1) ?? "";
    const status = state.queue(device, (await json(request)) as Command);
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, { url, stop: () => stop(server) });
}

class State {
  readonly apiKey = "command-product-key";
  readonly webhookSecret = "command-product-webhook-secret";
  readonly commands = new Map<string, Command[]>();
  readonly installed = new Map<string, Set<string>>();
  readonly refusing = new Set<string>();
  readonly events: CommandEvent[] = [];
  private readonly running = new Set<Promise<void>>();
  webhookUrl: string | null = null;

  async enroll(device: { id: string; serial: string; user: string | null }): Promise<void> {
    this.installed.set(device.id, new Set());
    this.commands.set(device.id, []);
    await this.tell({ topic: "enrolled", at: new Date().toISOString(), device });
  }

  async checkOut(id: string): Promise<void> {
    const device = { id, serial: `SERIAL-${id.toUpperCase()}`, user: null };
    await this.tell({ topic: "checked-out", at: new Date().toISOString(), device });
  }

  /** A command id that was used before is refused, as real products refuse it. */
  queue(device: string, command: Command): number {
    const queue = this.commands.get(device);
    if (!queue) return 404;
    if (queue.some(({ id }) => id === command.id)) return 409;
    queue.push(command);
    const run = new Promise((resolve) => setImmediate(resolve)).then(() => this.run(device, command));
    this.running.add(run);
    void run.finally(() => this.running.delete(run));
    return 201;
  }

  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async run(device: string, { id, type, adamId }: Command): Promise<void> {
    const apps = this.installed.get(device) ?? new Set<string>();
    const event = { topic: "acknowledged", at: new Date().toISOString(), device: { id: device }, command: id };
    if (type === "InstallApplication" && this.refusing.has(device)) return this.tell({ ...event, topic: "refused" });
    // Acknowledged first: the device does it afterwards, and says so only when it is asked for its list.
    await this.tell(type === "ManagedApplicationList" ? { ...event, apps: [...apps] } : event);
    if (type === "InstallApplication") apps.add(adamId);
    if (type === "RemoveApplication") apps.delete(adamId);
  }

  private async tell(event: unknown): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify(event));
    const signature = createHmac("sha256", this.webhookSecret).update(body).digest("base64");
    const headers = { "content-type": "application/json", "x-hmac-signature": signature };
    this.events.push({ headers, body });
    if (this.webhookUrl === null) return;
    await fetch(this.webhookUrl, { method: "POST", headers, body }).catch(() => undefined);
  }
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
