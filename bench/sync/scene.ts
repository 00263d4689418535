import { encodeGlobalId } from "../../src/entities/global-id.js";
import type { BenchPostgres } from "../support/postgres.js";
import { secondsOf } from "../support/seconds-of.js";
import { createSetting, type Setting } from "../support/setting.js";
import { type EndedRun, lastRun, requestDelta } from "./ended-run.js";
import type { Options } from "./options.js";

/** Far above what anything here can send. */
const NO_LIMIT = 1_000_000;
/** One registered user for so many assignments. */
const ASSIGNMENTS_A_USER = 100;
/** Licences owned for each that is assigned at first: not all apps are for devices. */
const STOCK = 1.5;

/** A setting in which synchronisations are timed. */
export interface Scene extends Pick<Setting, "session" | "control" | "peakRssMiB" | "stop"> {
  /** Adds the token; its first synchronisation is full. */
  addToken(): Promise<EndedRun>;
  /** A manual synchronisation is full. */
  syncFull(): Promise<EndedRun>;
  /** As when Apple has told of a change. */
  syncDelta(): Promise<EndedRun>;
}

/** @param limited whether Apple's own limit of 15 requests a second stands, and is enforced. */
export async function createScene(
  postgres: BenchPostgres,
  name: string,
  { apps, assignments }: Options,
  limited: boolean,
): Promise<Scene> {
  const setting = await createSetting(postgres, name, {
    apps,
    licenses: Math.round(assignments * STOCK),
    assigned: assignments,
    users: Math.round(assignments / ASSIGNMENTS_A_USER),
  });
  const { session, control, ask } = setting;
  await control("/switches", limited ? { enforceRate: true } : { limits: { maxRequestPerSecond: NO_LIMIT } });
  const tokenId = async () => (await session.query<{ id: string }>("SELECT id FROM token")).rows[0]?.id ?? "";
  const measured = async (start: () => Promise<unknown>): Promise<EndedRun> => {
    await session.query("CHECKPOINT");
    let run: Omit<EndedRun, "seconds"> | undefined;
    const seconds = await secondsOf(async () => {
      await start();
      run = await lastRun(session);
    });
    if (!run) throw new Error("There was no run");
    return { seconds, ...run };
  };
  return {
    ...setting,
    addToken: () => measured(() => setting.addToken()),
    syncFull: () =>
      measured(async () => {
        const token = encodeGlobalId("Token", await tokenId());
        await ask("mutation ($token: ID!) { syncToken(input: { token: $token }) { syncRun { id } } }", { token });
      }),
    syncDelta: () => measured(async () => requestDelta(setting.databaseUrl, await tokenId())),
  };
}
