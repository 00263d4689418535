import type { Deployment } from "../../../src/entities/deployment.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

/** A deployment world with people: each is registered with the token, and may hold a licence of the app. */
export interface PeopleWorld extends DeploymentWorld {
  /** A person who is registered. @returns their id. */
  person(name: string): Promise<string>;
  /** A licence of the app that the person holds. @returns its id. */
  licenseOf(userId: string): Promise<string>;
  /** A deployment by users' licences. */
  userDeployment(): Promise<Deployment>;
  giveTo(deviceId: string, userId: string | null): Promise<void>;
  /** The state of a licence. */
  licenseState(id: string | null): Promise<string | undefined>;
}

export async function createPeopleWorld(): Promise<PeopleWorld> {
  const world = await createDeploymentWorld();
  const one = async (sql: string, parameters: unknown[]) =>
    (await world.read<{ id: string }>(sql, parameters))[0]?.id ?? "";
  return {
    ...world,
    person: async (name) => {
      const id = world.core.clock.uuid();
      await world.read(`INSERT INTO "user" (id, display_name, added_at) VALUES ($1, $2, now())`, [id, name]);
      await world.read(
        `INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
         VALUES ($1, $2, $3, 'ASSOCIATED', now())`,
        [world.tokenId, `client-${name}`, id],
      );
      return id;
    },
    licenseOf: (userId) =>
      one(
        `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, apple_user_id, state, started_at, start_cause,
                              start_actor, assigned_at, proven_at)
         SELECT token_id, $2, 'USER', client_user_id, id, 'HELD', now(), 'DEPLOYMENT', 'test', now(), now()
         FROM apple_user WHERE user_id = $1 RETURNING id`,
        [userId, world.storeAppId],
      ),
    userDeployment: async () => {
      const deployment = await world.deployment();
      await world.read("UPDATE deployment SET licensing = 'USER' WHERE id = $1", [deployment.id]);
      return deployment;
    },
    giveTo: async (deviceId, userId) => {
      await world.read("UPDATE device SET user_id = $2 WHERE id = $1", [deviceId, userId]);
    },
    licenseState: async (id) =>
      (await world.read<{ state: string }>("SELECT state FROM license WHERE id = $1", [id]))[0]?.state,
  };
}
