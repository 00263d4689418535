/** A Windows account that the site lets in. */
export interface Account {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

/** What Entra knows of an app that may ask for tokens. */
export interface ClientApp {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The server app's URI. */
  readonly resource: string;
}

export interface User {
  readonly ResourceID: number;
  readonly domain: string;
  readonly name: string;
  readonly fullName: string;
  readonly mail: string | null;
  readonly principalName: string | null;
}

export interface System {
  readonly ResourceID: number;
  name: string;
  /** E.g. `iOS 12.4`, `Microsoft Windows NT Workstation 10.0`. */
  os: string;
  /** 1 advanced, 3 device client. */
  clientType: number;
  obsolete: boolean;
  decommissioned: boolean;
  /** `ResourceID` of whoever signed in last. */
  userId: number | null;
  serial: string | null;
  udid: string | null;
  lastSeen: Date;
  /** It looks for policy no more, until it is back. */
  offline: boolean;
  /** What the next enforcement of an app ends with instead of its usual end, by adamId; `stuck` never ends. */
  readonly outcomes: Map<string, Outcome>;
  /** Apps on it, by adamId. */
  readonly installed: Set<string>;
}

/** An EnforcementState, and whether the device stays with it. */
export interface Outcome {
  readonly code: number;
  readonly times: number;
}

/** A direct rule, as it was given. */
export interface DirectRule {
  readonly ResourceClassName: string;
  readonly ResourceID: number;
  readonly RuleName: string;
}

export interface Collection {
  readonly CollectionID: string;
  readonly name: string;
  readonly comment: string;
  /** 1 user, 2 device. */
  readonly type: 1 | 2;
  readonly limitTo: string;
  readonly builtIn: boolean;
  readonly rules: DirectRule[];
  /** As it was last evaluated. */
  members: ReadonlySet<number>;
  /** 1 ready, 4 evaluating, 5 awaiting refresh. */
  status: number;
  changedAt: Date;
}

/** One revision of an application. */
export interface Application {
  readonly CI_ID: number;
  readonly ModelID: number;
  readonly ModelName: string;
  readonly version: number;
  readonly title: string;
  readonly digest: string;
  /** Of the App Store link in the digest; empty without one. */
  readonly adamId: string;
  isLatest: boolean;
  readonly createdAt: Date;
}

export interface Assignment {
  readonly AssignmentID: number;
  readonly AssignmentUniqueID: string;
  readonly application: Application;
  readonly collectionId: string;
  /** 1 required, 2 not allowed. */
  readonly desired: 1 | 2;
  /** 0 required, 2 available. */
  readonly offer: number;
  readonly enabled: boolean;
  /** As it was given, with what the site adds. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}
