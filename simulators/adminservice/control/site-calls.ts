import { z } from "zod";
import { InputError } from "../../input-error.js";
import { switchesCall } from "../../switches/switches-call.js";
import { switchesInput } from "../switches.js";
import { controlCall, type Steered } from "./control-call.js";

/** What the site and its admins do. */
export const siteCalls = [
  switchesCall(({ site }: Steered) => site.switches, switchesInput),
  controlCall({
    method: "POST",
    path: "/settle",
    about: "All that waits happens now, and what follows from it: evaluations, policy, installs, rows.",
    input: z.strictObject({}),
    run: ({ site }) => ({ settled: site.timeline.settle() }),
  }),
  controlCall({
    method: "POST",
    path: "/revise-application",
    about: "An admin edits the application: a new revision with another CI_ID, and the old one is not the latest.",
    input: z.strictObject({ adamId: z.string().min(1) }),
    run: ({ site }, { adamId }) => {
      const found = site.applications.rows.find((one) => one.isLatest && one.adamId === adamId);
      if (found === undefined) throw new InputError(`There is no application of ${adamId}.`);
      return { CI_ID: site.applications.revise(found).CI_ID };
    },
  }),
  controlCall({
    method: "POST",
    path: "/create-deployment",
    about: "An admin deploys the application to a collection of theirs.",
    input: z.strictObject({
      adamId: z.string().min(1),
      collection: z.string().min(1),
      action: z.enum(["install", "uninstall"]),
    }),
    run: ({ site }, { adamId, collection, action }) => {
      const application = site.applications.rows.find((one) => one.isLatest && one.adamId === adamId);
      const target = [...site.collections.rows.values()].find(({ name }) => name === collection);
      if (application === undefined) throw new InputError(`There is no application of ${adamId}.`);
      if (target === undefined) throw new InputError(`There is no collection "${collection}".`);
      const now = new Date().toISOString();
      const made = site.assignments.create({
        AssignmentName: `${application.title}_${collection}`,
        AssignedCIs: [application.CI_ID],
        TargetCollectionID: target.CollectionID,
        AssignmentType: 2,
        DesiredConfigType: action === "install" ? 1 : 2,
        OfferTypeID: 0,
        StartTime: now,
        EnforcementDeadline: now,
      });
      return { AssignmentID: made.AssignmentID };
    },
  }),
  controlCall({
    method: "POST",
    path: "/remove-collection",
    about: "An admin deletes a collection and what is deployed to it.",
    input: z.strictObject({ name: z.string().min(1) }),
    run: ({ site }, { name }) => {
      const found = [...site.collections.rows.values()].find((one) => one.name === name);
      if (found === undefined) throw new InputError(`There is no collection "${name}".`);
      for (const assignment of [...site.assignments.rows.values()]) {
        if (assignment.collectionId === found.CollectionID) site.assignments.delete(assignment);
      }
      return { removed: site.collections.rows.delete(found.CollectionID) };
    },
  }),
  controlCall({
    method: "POST",
    path: "/renew-certificate",
    about: "The server shows another certificate from now on. Answers its fingerprint and its authority.",
    input: z.strictObject({}),
    run: async ({ renewCertificate }) => {
      const { fingerprint, authority } = await renewCertificate();
      return { fingerprint, authority };
    },
  }),
  controlCall({
    method: "POST",
    path: "/change-password",
    about: "The account has another password; open connections stay.",
    input: z.strictObject({ password: z.string().min(1) }),
    run: ({ site }, { password }) => {
      site.accounts.splice(0, 1, { ...(site.accounts[0] as (typeof site.accounts)[number]), password });
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/expire-tokens",
    about: "No bearer token given out so far is valid any more.",
    input: z.strictObject({}),
    run: ({ site }) => {
      site.tokens.expire();
      return {};
    },
  }),
];
