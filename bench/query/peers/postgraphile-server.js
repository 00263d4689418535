import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileRelayPreset } from "postgraphile/presets/relay";
import { jsonPgSmartTags } from "postgraphile/utils";

/** PostGraphile 5 as its documentation sets it up, for Relay, without what a server needs for developers only. */

const relation = (fieldName, foreignFieldName) => ({ tags: { fieldName, foreignFieldName } });

const tags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      license: {
        constraint: {
          license_store_app_fk: relation("storeApp", "licenses"),
          license_device_fk: relation("device", "licenses"),
          license_apple_user_fk: relation("appleUser", "licenses"),
        },
      },
      store_app: { constraint: { store_app_token_fk: relation("token", "storeApps") } },
      apple_user: { constraint: { apple_user_user_fk: relation("user", "appleUsers") } },
      device: { constraint: { device_user_fk: relation("user", "devices") } },
      deployment: {
        constraint: {
          deployment_store_app_fk: relation("storeApp", "deployments"),
          deployment_collection_fk: relation("collection", "deployments"),
        },
      },
      installation: {
        tags: { foreignKey: "(token_id, store_app_id) references store_app (token_id, id)|@fieldName storeApp" },
        constraint: {
          installation_deployment_fk: relation("deployment", "installations"),
          installation_device_fk: relation("device", "installations"),
        },
      },
    },
    procedure: { deployment_installation_counts: { tags: { behavior: "-connection +list" } } },
  },
});

const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PostGraphileRelayPreset],
  plugins: [tags],
  // It would leave out a device's licences: it takes no partial index for one that helps.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public", "peer"],
      poolConfig: { max: Number(process.env.POOL_SIZE), options: "-c jit=off" },
    }),
  ],
  grafast: { explain: false },
  grafserv: { graphiql: false, websockets: false },
});

const server = createServer();
await instance.createServ(grafserv).addTo(server);
await instance.getSchema();
server.listen(0, "127.0.0.1", () => console.log(`PostGraphile listens on http://127.0.0.1:${server.address().port}`));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
