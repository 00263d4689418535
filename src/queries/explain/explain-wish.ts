import { DeploymentAction, type OnLeave } from "../../entities/deployment.js";
import { InstallationWant } from "../../entities/installation.js";
import type { ExplainFacts } from "./explain-facts.js";
import { type Link, moment, NOTHING } from "./link.js";

/** What is wanted of the app there, and whether it still is. */
export function explainWish(facts: ExplainFacts): Link[] {
  const { deployment, installation, collection } = facts;
  const whom = collection === null ? "a collection that is deleted" : `the collection "${collection}"`;
  const links: Link[] = [wish(facts, whom)];
  if (deployment.deletedAt !== null) {
    links.push({
      cause: "DEPLOYMENT_DELETED",
      evidence: `${deployment.deletedBy ?? "Somebody"} deleted the deployment at ${moment(deployment.deletedAt)}.`,
      nextAction: "Deploy the app again if it is wanted there.",
      whoHasToAct: "ADMIN",
      since: deployment.deletedAt,
    });
  } else if (installation.leftAt !== null) {
    links.push({
      cause: "LEFT",
      evidence: `The member left ${whom}, or the device was lost, at ${moment(installation.leftAt)}; then the app ${ON_LEAVE[deployment.onLeave]}.`,
      nextAction: `Add the member to ${whom} again if the app is wanted there.`,
      whoHasToAct: "ADMIN",
      since: installation.leftAt,
    });
  }
  return links;
}

const ON_LEAVE: Readonly<Record<OnLeave, string>> = {
  KEEP: "stays where it is (KEEP)",
  UNINSTALL: "is removed (UNINSTALL)",
  RECLAIM: "loses its licence (RECLAIM)",
};

function wish({ deployment, installation, app, target }: ExplainFacts, whom: string): Link {
  const what = app.name ?? app.adamId;
  const by = `${deployment.actionBy} at ${moment(deployment.actionAt)}`;
  const uninstalls = deployment.action === DeploymentAction.UNINSTALL;
  if (uninstalls || installation.want === InstallationWant.ABSENT) {
    return {
      cause: "UNINSTALL_WANTED",
      evidence: uninstalls
        ? `A deployment through ${target.name} takes ${what} away from ${whom}, wanted by ${by}.`
        : `${what} is no longer wanted there by its deployment to ${whom} through ${target.name}.`,
      nextAction: "Call changeDeploymentAction with INSTALL, or deploy it anew, if the app is wanted there.",
      whoHasToAct: "ADMIN",
      since: uninstalls ? deployment.actionAt : installation.stateAt,
    };
  }
  return {
    cause: "WANTED",
    evidence: `A deployment through ${target.name} brings ${what} to ${whom}, wanted by ${by}.`,
    nextAction: NOTHING,
    whoHasToAct: "NOBODY",
    since: deployment.actionAt,
  };
}
