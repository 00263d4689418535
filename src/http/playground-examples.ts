/** The tabs that the Playground opens with. */
export const playgroundExamples: readonly string[] = [
  `# Put your API key into the header "Authorization", below under Headers: "Bearer <key>". Each tab has its own.
# Then press the round arrows at the lower left: they bring the documentation and the completion.
# What was bought, what is in use, what is left.
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
  `# The tokens, whether they work, and what to do if not.
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
  `# Watch synchronisations as they go: press the button, then run the mutation "Synchronise" of the next tab. The button ends it.
subscription WatchSynchronisations {
  syncRunChanged {
    state mode trigger phase pagesRead pagesKnown rowsAdded rowsChanged rowsEnded warnings error endedAt
    token { name }
  }
}
`,
  `# Reads all that a token owns at Apple. Its id is in the answer of "Tokens".
mutation Synchronise($token: ID!) {
  syncToken(input: { token: $token }) { syncRun { id state } }
}
`,
  `# Tells whenever a token begins or ceases to work, and what to do.
subscription WatchTokens {
  tokenHealthChanged { name health { state since cause remedy } }
}
`,
  `# How deployments go, and what needs somebody.
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
  `# Who got a licence and who gave one back, the newest first.
query LicenseEvents {
  licenseEvents(first: 50) {
    edges { node { at kind cause actor license { state holderKind holderKey storeApp { name } } } }
  }
}
`,
  `# Adds a content token; the file's text comes from Apple Business. The key makes a repeat harmless.
mutation AddToken($file: String!) {
  addToken(input: {
    file: $file, name: "Head office", idempotencyKey: "add-head-office"
    contacts: [{ name: "Ann", email: "ann@example.com" }, { name: "Bob", email: "bob@example.com" }]
  }) {
    token { id name health { state } warnings }
    syncRun { id state }
  }
}
`,
  `# Gives a token its newer file. All it has stays; Apple takes only the file that was downloaded last.
mutation RenewToken($token: ID!, $file: String!) {
  renewToken(input: { token: $token, file: $file }) {
    token { name expiresAt health { state cause } }
    syncRun { id state }
  }
}
`,
  `# Tells what would be lost with a token. Then leave dryRun out, and say licenses: RETURN or licenses: LEAVE.
mutation RemoveToken($token: ID!) {
  removeToken(input: { token: $token, dryRun: true }) {
    loss { apps licenses returnableLicenses deployments openInstallations installedInstallations registrations openOperations }
    removedTokenId
    token { name removingAt }
  }
}
`,
  `# Tells what taking a location from another MDM would adopt and disturb. Take the token from the other first, then leave dryRun out.
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
];
