import type { Command, Disturbance } from "../../test/model/command.js";
import type { CommandOf, Outcome } from "./perform.js";
import { type Stage, serialOf } from "./stage.js";

type AtApple = CommandOf<
  | "purchase"
  | "refund"
  | "give"
  | "take"
  | "accept"
  | "disturb Apple"
  | "fail events"
  | "forget events"
  | "repeat notifications"
  | "hold"
  | "let go"
>;

/** What happens at Apple, by its control plane. */
export async function performAtApple(stage: Stage, command: AtApple & Command): Promise<Outcome> {
  switch (command.what) {
    case "purchase":
    case "refund": {
      const { what, app, count } = command;
      return done(stage.control(`/${what}`, { adamId: stage.names.adamIds.get(app), count }));
    }
    case "give":
    case "take": {
      const asset = { adamId: stage.names.adamIds.get(command.app), serialNumber: serialOf(command.device) };
      return done(stage.control(command.what === "give" ? "/assign" : "/unassign", asset));
    }
    case "accept":
      await acceptInvitations(stage, command.user);
      return "done";
    case "disturb Apple": {
      const { path, how, count } = command;
      return done(stage.control("/fail-next", { path, count, ...MANNERS[how] }));
    }
    case "fail events":
      return done(stage.control("/fail-next-event", { errorNumber: 9603 }));
    case "forget events":
      return done(stage.control("/forget-events"));
    case "repeat notifications":
      return done(stage.control("/deliver-notifications", { again: "delivered" }));
    case "hold":
      stage.watch.holds = true;
      return done(stage.control("/hold", { path: command.path, method: "GET" }));
    case "let go":
      stage.watch.holds = false;
      return done(stage.control("/release"));
  }
}

const MANNERS: Readonly<Record<Disturbance, Record<string, unknown>>> = {
  refuse: { errorNumber: 9603, retryAfter: 0 },
  cut: { drop: true },
  "lose the answer": { afterEffect: true },
};

/** The invitations of a person that are open now. */
export async function acceptInvitations({ simulator, control }: Stage, user: string): Promise<void> {
  const registrations = [...(simulator.world.locations[0]?.users.rows ?? [])];
  for (const { clientUserId, email, status } of registrations) {
    if (status === "Registered" && email?.startsWith(`${user}@`)) await control("/accept-invitation", { clientUserId });
  }
}

async function done(answer: Promise<boolean>): Promise<Outcome> {
  return (await answer) ? "done" : "refused";
}
