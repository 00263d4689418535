import { definePlugin, type PluginTools, type TargetConnection } from "../contract.js";
import { applySteps } from "./apply-steps.js";
import { createAssignments } from "./assignments.js";
import { check } from "./check.js";
import { ensureApplication } from "./ensure-application.js";
import { createReportExport } from "./export-report.js";
import { createGraph } from "./graph.js";
import { createKnownDevices } from "./known-devices.js";
import { createLicenseBooks } from "./licenses/license-books.js";
import { createVppApps } from "./licenses/vpp-apps.js";
import { listHolders } from "./list-holders.js";
import { createOwnGroups } from "./own-groups.js";
import { createPoll } from "./poll-handles.js";
import { releaseApp } from "./release-app.js";
import { type IntuneSettings, intuneSettings } from "./settings.js";
import { createSignIn } from "./sign-in.js";

/** Microsoft Intune, through Microsoft Graph. It owns its content tokens, and addresses groups. */
export const intune = definePlugin({
  name: "intune",
  contract: 1,
  displayName: "Microsoft Intune",
  settings: intuneSettings,
  licenseAuthority: "target",
  abilities: {
    lists: ["user", "device", "collection"],
    applications: true,
    polls: true,
    webhooks: [],
    releases: true,
    network: true,
  },
  connect,
});

async function connect(settings: IntuneSettings, tools: PluginTools): Promise<TargetConnection> {
  const signIn = await createSignIn(settings, tools);
  const graph = createGraph(settings, signIn, tools);
  const { api, graphUrl, groupPrefix } = settings;
  const devices = createKnownDevices(graph, tools);
  const apps = createVppApps(graph, api, tools);
  const assignments = createAssignments(graph, api);
  const ownGroups = createOwnGroups(graph, graphUrl, groupPrefix);
  const reach = { devices, assignments, ownGroups, groupPrefix };
  return {
    check: (signal) => check({ graph, signIn, settings }, tools, signal),
    listHolders: (kind, cursor, signal) => listHolders({ graph, devices, settings }, kind, cursor, signal),
    ensureApplication: (app, signal) => ensureApplication(apps, app, signal),
    apply: (steps, signal) => applySteps(reach, tools, steps, signal),
    release: (release, signal) => releaseApp(reach, release, signal),
    poll: createPoll(graph, devices, createReportExport(graph, tools), tools),
    licenses: createLicenseBooks(graph, api, apps, tools),
  };
}
