import { Arg, ID, Resolver, Root, Subscription } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { License } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { Token } from "../entities/token.js";
import { LICENSE_EVENT_STEP, licenseEvent, licenseEventKey } from "../queries/lists/license-events.js";
import { newestLicenseEvents } from "../queries/newest-license-events.js";
import type { NodeKey } from "../queries/node-key.js";
import { LicenseEvent } from "../schema/license-event.js";
import type { Context } from "./context.js";
import type { Loaders } from "./loaders.js";

interface Subscribed {
  readonly context: Context;
  readonly args: { readonly token?: string | null; readonly since?: Date | null };
}

@Resolver()
export class LicenseEventSubscription {
  @Allow(Role.VIEWER)
  @Subscription(() => LicenseEvent, {
    description:
      "First the newest starts and ends of holdings, at most 500, the oldest of them first; then each one as it is committed. When more than 1,000 come at once, as in a first synchronisation, and when this service has lost its database for a while, the newest 500 of what may not have been told are: what is told may repeat, and where more would have to be told, the first one has `leftOutSince`. Limited to a token, it is complete when the token is removed.",
    subscribe: followLicenseEvents,
  })
  licenseEvents(
    @Root() event: LicenseEvent,
    @Arg("token", () => ID, { nullable: true, description: "Only of licences of this token." }) _token?: string | null,
    @Arg("since", () => Date, {
      nullable: true,
      description:
        "Of the newest, only those that may have been committed at this moment or later: such as the latest `at` that you know. They go back five minutes further, and to the beginning of each synchronisation that was under way, since it gives a holding the moment when Apple was asked. With it, who was cut off misses nothing: where more than 500 would have to be told, the first one has `leftOutSince`.",
    })
    _since?: Date | null,
  ): LicenseEvent {
    return event;
  }
}

/** @throws AppError NOT_FOUND when there is no such token. */
async function followLicenseEvents({ context, args }: Subscribed): Promise<AsyncIterable<readonly LicenseEvent[]>> {
  const { scoped, live, loaders } = context;
  const token = args.token == null ? null : await loaders.byGlobalId(Token, args.token);
  return live.follow<LicenseEvent>(scoped, {
    find: findEvent,
    keyOf: licenseEventKey,
    snapshot: (_loaders, missedSince) => newestLicenseEvents(scoped, token, missedSince ?? args.since ?? null),
    topic: "license_event",
    tokenId: token?.id ?? null,
    isUnderWay: () => false,
  });
}

async function findEvent(loaders: Loaders, [tokenId = "", id = "", step]: NodeKey): Promise<LicenseEvent | null> {
  const license = await loaders.find(License, tokenId, id);
  return license && licenseEvent(license, step === String(LICENSE_EVENT_STEP.ENDED) ? "ENDED" : "STARTED");
}
