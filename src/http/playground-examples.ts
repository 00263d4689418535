/** A tab that the Playground opens with. */
export interface PlaygroundExample {
  readonly query: string;
  /** What to fill in. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

const ID = "paste an id";

/** An admin's day, from the token to the report, and then what comes up now and then. */
export const playgroundExamples: readonly PlaygroundExample[] = [
  {
    query: `# These tabs are an admin's day: run one with the red
# button. The book at the upper left opens the
# documentation. First: the tokens, whether they work, and
# what to do if not.
query Tokens {
  tokens {
    edges {
      node {
        id name categories contacts { name email } warnings
        organization locationName country platform websiteUrl expiresAt lastSyncAt lastFullSyncAt nextSyncAt
        health { state since cause remedy }
        syncRuns(first: 1) { edges { node { state phase pagesRead pagesKnown error } } }
      }
    }
  }
}
`,
  },
  {
    query: `# Adds a content token. Put the file's text, as it comes
# from Apple Business, between the quotes of "file" below;
# it goes with this tab. With the same idempotencyKey a
# repeat is harmless.
mutation AddToken($file: String!, $name: String!, $contacts: [TokenContactInput!]!) {
  addToken(input: { file: $file, name: $name, contacts: $contacts, idempotencyKey: "add-head-office" }) {
    token { id name health { state cause remedy } warnings }
    syncRun { id state }
  }
}
`,
    variables: {
      file: "",
      name: "Head office",
      contacts: [
        { name: "Ann", email: "ann@example.com" },
        { name: "Bob", email: "bob@example.com" },
      ],
    },
  },
  {
    query: `# Watch synchronisations as they go: press the button, then
# run the mutation "Synchronise" of the next tab. The button
# ends it.
subscription WatchSynchronisations {
  syncRunChanged {
    state mode trigger phase pagesRead pagesKnown rowsAdded rowsChanged rowsEnded warnings error endedAt
    token { name }
  }
}
`,
  },
  {
    query: `# Reads all that a token owns at Apple. Its id is in the
# answer of "Tokens".
mutation Synchronise($token: ID!) {
  syncToken(input: { token: $token }) { syncRun { id state } }
}
`,
    variables: { token: ID },
  },
  {
    query: `# What can be deployed, to whom, and by what: the ids for
# "PlanDeployment".
query WhatThereIs($app: String) {
  storeApps(first: 20, filter: { nameContains: $app }) { nodes { id name freeCount waiting token { name } } }
  collections(first: 20) { nodes { id name kind memberCount target { name } } }
  targets(first: 20) { nodes { id name plugin } }
}
`,
    variables: { app: "" },
  },
  {
    query: `# Tells what a deployment would mean, member by member, and
# does nothing. Its id is good for 24 hours.
mutation PlanDeployment($storeApp: ID!, $collection: ID!, $target: ID!) {
  planDeployment(input: { storeApp: $storeApp, collection: $collection, target: $target, licensing: DEVICE }) {
    plan {
      id certainty expiresAt
      licensesNeeded licensesMissing licensesLater
      stockBefore { free } stockAfter { free }
      outcomeCounts { outcome count }
      warnings { code message }
      members(first: 50) { nodes { outcome reason device { name serial } user { displayName } } }
    }
  }
}
`,
    variables: { storeApp: ID, collection: ID, target: ID },
  },
  {
    query: `# Does what was planned, if it has not become worse
# meanwhile; then CONFLICT tells the difference.
mutation Deploy($plan: ID!) {
  createDeployment(input: { planId: $plan }) {
    deployment { id action installationCounts { state count } }
    findings { severity message remedy }
  }
}
`,
    variables: { plan: ID },
  },
  {
    query: `# How deployments go, and what needs somebody.
query Deployments {
  deployments {
    edges {
      node {
        id action licensing
        storeApp { name }
        collection { name memberCount }
        target { name }
        installationCounts { state count }
        installations(first: 20, filter: { state: [FAILED, WAITING_FOR_LICENSE, NOT_APPLICABLE, REMOVAL_FAILED] }) {
          edges { node { state reason detail remedy device { name serial } user { displayName } } }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Licences that nobody seems to need: held and wanted by
# nothing here, or by devices that are silent.
query LicencesToTakeBack {
  leakedLicenses(first: 50) {
    nodes { reason license { id holderKind holderKey startedAt storeApp { name } } }
  }
  reclaimCandidates(first: 50, silentDays: 90) {
    nodes { reasons license { id holderKind holderKey startedAt storeApp { name } } }
  }
}
`,
  },
  {
    query: `# Tells what taking licences back would mean. Then say
# "dryRun": false, and they return to Apple.
mutation TakeBackLicences($licenses: [ID!]!, $dryRun: Boolean!) {
  reclaimLicenses(input: { licenses: $licenses, dryRun: $dryRun }) {
    returnedCount
    results { outcome license { id state storeApp { name } } installations { id state } }
  }
}
`,
    variables: { licenses: [ID], dryRun: true },
  },
  {
    query: `# What was bought, what is in use, what is left. As a page
# at /report, as a table at /report.csv.
query LicenseReport {
  licenseReport {
    asOf
    totals { apps bought assigned free waiting retired }
    apps(first: 100) {
      edges { node { name adamId bought assigned held free waiting retired unlimited token { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
  },
  {
    query: `# Who got a licence and who gave one back, the newest first.
query LicenseEvents {
  licenseEvents(first: 50) {
    edges { node { at kind cause actor license { state holderKind holderKey storeApp { name } } } }
  }
}
`,
  },
  {
    query: `# Tells whenever a token begins or ceases to work, and what
# to do.
subscription WatchTokens {
  tokenHealthChanged { name health { state since cause remedy } }
}
`,
  },
  {
    query: `# Gives a token its newer file. All it has stays; Apple
# takes only the file that was downloaded last.
mutation RenewToken($token: ID!, $file: String!) {
  renewToken(input: { token: $token, file: $file }) {
    token { name expiresAt health { state cause } }
    syncRun { id state }
  }
}
`,
    variables: { token: ID, file: "" },
  },
  {
    query: `# Tells what would be lost with a token. Then leave dryRun
# out, and say licenses: RETURN or licenses: LEAVE.
mutation RemoveToken($token: ID!) {
  removeToken(input: { token: $token, dryRun: true }) {
    loss { apps licenses returnableLicenses deployments openInstallations installedInstallations registrations openOperations }
    removedTokenId
    token { name removingAt }
  }
}
`,
    variables: { token: ID },
  },
  {
    query: `# Tells what taking a location from another MDM would adopt
# and disturb. Take the token from the other first, then
# leave dryRun out.
mutation TakeOverToken($token: ID!) {
  takeOverToken(input: { token: $token, dryRun: true }) {
    plan {
      claim { name id metadata }
      copy
      apps { storeApp { name } licenses known }
      registrations unknownRegistrations unknownDevices
      adoptableRegistrations adoptableLicenses
      waitingDeployments pausedOperations
    }
    token { name health { state cause remedy } }
  }
}
`,
    variables: { token: ID },
  },
];
