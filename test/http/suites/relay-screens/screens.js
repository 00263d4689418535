// What a front-end of Relay would have in its components. Compiled by the test beside this folder, and never run.

graphql`
  fragment screens_app on StoreApp {
    name
    freeCount
    token { ...screens_token }
  }
`;

graphql`
  fragment screens_token on Token @refetchable(queryName: "screensTokenQuery") {
    name
    health { state remedy }
  }
`;

graphql`
  fragment screens_licenses on StoreApp
  @refetchable(queryName: "screensLicensesPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    licenses(first: $count, after: $cursor, filter: { open: true }, orderBy: { field: STARTED_AT, direction: DESC })
      @connection(key: "screens_licenses") {
      edges { node { id state device { name } user { displayName } } }
    }
  }
`;

graphql`
  fragment screens_apps on Query
  @refetchable(queryName: "screensAppsPaginationQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 2 }, before: { type: "String" }) {
    storeApps(last: $last, before: $before) @connection(key: "screens_storeApps") {
      totalCount
      edges { node { id ...screens_app } }
    }
  }
`;

graphql`
  query screensAppsQuery {
    ...screens_apps
  }
`;

graphql`
  query screensAppQuery($id: ID!) {
    node(id: $id) {
      __typename
      ...screens_app @alias(as: "app")
      ...screens_licenses @alias(as: "page")
    }
  }
`;

graphql`
  query screensManyQuery($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on License { state }
      ... on Token { name }
    }
  }
`;

graphql`
  mutation screensNameTokenMutation($input: UpdateTokenInput!) {
    updateToken(input: $input) {
      token { ...screens_token }
    }
  }
`;

graphql`
  subscription screensTokensSubscription {
    tokenHealthChanged { ...screens_token }
  }
`;
