import { keepsSql } from "../../queries/kept-by.js";

/** Whether another deployment wants the app of the installation `i` on its device: an install beats an uninstall. */
export const KEPT_SQL = `EXISTS (
  SELECT 1 FROM installation other
  WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id AND other.device_id = i.device_id
    AND other.deployment_id <> i.deployment_id AND ${keepsSql("other")})`;
