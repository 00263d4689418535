/** What the shell is told; the command's help and README.md have the list for readers. */
export const EXIT = {
  DONE: 0,
  /** What was asked for did not succeed. */
  FAILED: 1,
  /** The command line or the environment cannot be used. */
  USAGE: 2,
  /** The service is not reached, or does not take the key. */
  UNREACHABLE: 3,
  /** A synchronisation waits for a second look, or for an admin's word. */
  HELD_BACK: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
