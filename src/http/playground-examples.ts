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
        id name organization locationName expiresAt lastFullSyncAt
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
  addToken(input: { file: $file, name: "Head office", idempotencyKey: "add-head-office" }) {
    token { id name health { state } }
    syncRun { id state }
  }
}
`,
];
