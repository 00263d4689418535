import { OnLeave } from "../../entities/deployment.js";
import type { StoreApp } from "../../entities/store-app.js";
import { AppError } from "../../errors.js";

/** @throws AppError PRECONDITION_FAILED when licences are to be taken back that Apple does not take back. */
export function refuseReclaim({ revocable }: StoreApp, onLeave: OnLeave): void {
  if (onLeave !== OnLeave.RECLAIM || revocable) return;
  throw new AppError(
    "PRECONDITION_FAILED",
    "Apple takes back no licence of this app. Let the app stay with those who leave (KEEP), or be removed (UNINSTALL).",
    { onLeave },
  );
}
