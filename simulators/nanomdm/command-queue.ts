/** A command as it was queued for one enrolment. */
export interface QueuedCommand {
  readonly uuid: string;
  readonly requestType: string;
  /** The XML property list, as it came. */
  readonly raw: string;
  /** The last answer; null while the device has not answered. NotNow keeps the command queued. */
  status: string | null;
}

/** The commands of one enrolment, first in, first out. One that was answered NotNow is offered again. */
export class CommandQueue {
  readonly #commands: QueuedCommand[] = [];

  get all(): readonly QueuedCommand[] {
    return this.#commands;
  }

  get open(): readonly QueuedCommand[] {
    return this.#commands.filter(isOpen);
  }

  add(command: Omit<QueuedCommand, "status">): void {
    this.#commands.push({ ...command, status: null });
  }

  /** @param skipNotNow right after a NotNow, the others come first. */
  next(skipNotNow: boolean): QueuedCommand | undefined {
    return this.#commands.find((command) => isOpen(command) && !(skipNotNow && command.status === "NotNow"));
  }

  /** An enrolment that begins anew has nothing queued. */
  clear(): void {
    this.#commands.length = 0;
  }
}

function isOpen({ status }: QueuedCommand): boolean {
  return status === null || status === "NotNow";
}
