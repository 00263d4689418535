/** What all peers have in common. */
export interface PeerSettings {
  /** The program that all of them run on. */
  readonly node: string;
  readonly databaseUrl: string;
  /** Sessions with the database. */
  readonly poolSize: number;
}
