import { type EntityManager, QueryFailedError } from "typeorm";
import type { Core } from "./core.js";

const DEADLOCK = "40P01";
const TRIES = 3;

/**
 * Does the work in one transaction. Of two that wait for each other PostgreSQL ends one, as if it had never been, which is
 * then made again: what a target has answered must not be lost with it.
 * @param work writes nothing but by `tx`, since it may be done several times.
 */
export async function inTransaction<Result>(
  { dataSource }: Pick<Core, "dataSource">,
  work: (tx: EntityManager) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await dataSource.transaction(work);
    } catch (error) {
      if (!(error instanceof QueryFailedError) || error.driverError.code !== DEADLOCK || attempt === TRIES) throw error;
    }
  }
}
