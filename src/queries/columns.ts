import type { Column, Relation } from "./list.js";

const id = (name: string): Column => ({ name, type: "bigint" });
const uuid = (name: string): Column => ({ name, type: "uuid" });

/** The primary keys there are. */
export const ID_KEY: readonly Column[] = [uuid("id")];
export const TOKEN_SCOPED_KEY: readonly Column[] = [uuid("token_id"), id("id")];

/** The foreign keys by which rows belong to others. */
export const byToken: Relation = { columns: [uuid("token_id")] };
export const byStoreApp: Relation = { columns: [uuid("token_id"), id("store_app_id")] };
export const byDeployment: Relation = { columns: [uuid("token_id"), id("deployment_id")] };
export const byPlan: Relation = { columns: [uuid("token_id"), id("plan_id")] };
export const byOperation: Relation = { columns: [uuid("token_id"), id("operation_id")] };
export const byAppleUser: Relation = { columns: [uuid("token_id"), id("apple_user_id")] };
export const byTarget: Relation = { columns: [uuid("target_id")] };
export const byCollection: Relation = { columns: [uuid("collection_id")] };
export const byDevice: Relation = { columns: [uuid("device_id")] };
export const byUser: Relation = { columns: [uuid("user_id")] };
export const byEndpoint: Relation = { columns: [uuid("endpoint_id")] };
