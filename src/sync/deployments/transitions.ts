import { InstallationState as S } from "../../entities/installation.js";

/** Where an app that the target was told of is left without a removal: its licence returns, or it has none any more. */
const LEFT: readonly S[] = [S.RETURNING, S.REMOVED, S.CANCELLED];

/**
 * The state machine of an Installation: from each state, the states it may move to, and nothing else. What moves it:
 *
 * - licensing (`license-installations`, `advance-installations`): REQUESTED up to LICENSED, and RETURNING to its end
 * - the target (`apply-steps`, `apply-statuses`): LICENSED to INSTALLED or FAILED, REMOVING to RETURNING
 * - a person (`change-deployment-action`, `delete-deployment`, `retry-installation`) and time (`expire-waits`)
 * - members and devices that leave and come back (`end-installations`, `want-again`), or have another user (`change-users`)
 */
export const TRANSITIONS: Readonly<Record<S, readonly S[]>> = {
  REQUESTED: [S.WAITING_FOR_LICENSE, S.WAITING_FOR_USER, S.NOT_APPLICABLE, S.CLAIMING, S.LICENSED, S.CANCELLED],
  WAITING_FOR_LICENSE: [
    S.WAITING_FOR_LICENSE,
    S.REQUESTED,
    S.WAITING_FOR_USER,
    S.NOT_APPLICABLE,
    S.CLAIMING,
    S.LICENSED,
    S.CANCELLED,
  ],
  WAITING_FOR_USER: [
    S.WAITING_FOR_USER,
    S.REQUESTED,
    S.WAITING_FOR_LICENSE,
    S.NOT_APPLICABLE,
    S.CLAIMING,
    S.LICENSED,
    S.CANCELLED,
  ],
  NO_DEVICE: [S.SUPERSEDED, S.CANCELLED],
  NOT_APPLICABLE: [S.REQUESTED, S.CANCELLED],
  CLAIMING: [
    S.LICENSED,
    S.INSTALLED,
    S.REMOVING,
    S.WAITING_FOR_LICENSE,
    S.FAILED,
    S.RETURNING,
    S.CANCELLED,
    S.REQUESTED,
    S.SUPERSEDED,
  ],
  LICENSED: [S.LICENSED, S.INSTALLING, S.INSTALLED, S.FAILED, S.REMOVING, S.REQUESTED, S.SUPERSEDED, ...LEFT],
  INSTALLING: [S.INSTALLING, S.INSTALLED, S.LICENSED, S.FAILED, S.REMOVING, S.REQUESTED, S.SUPERSEDED, ...LEFT],
  INSTALLED: [S.LICENSED, S.FAILED, S.REMOVING, S.REQUESTED, S.SUPERSEDED, ...LEFT],
  FAILED: [S.FAILED, S.LICENSED, S.INSTALLED, S.REQUESTED, S.NOT_APPLICABLE, S.REMOVING, S.SUPERSEDED, ...LEFT],
  REMOVING: [S.REMOVING, S.FAILED, S.REMOVAL_FAILED, S.RETURNING, S.REMOVED, S.LICENSED, S.REQUESTED],
  REMOVAL_FAILED: [S.REMOVAL_FAILED, S.REMOVING, S.RETURNING, S.REMOVED, S.LICENSED, S.REQUESTED, S.SUPERSEDED],
  RETURNING: [S.REMOVED, S.REQUESTED],
  REMOVED: [S.REQUESTED, S.NOT_APPLICABLE, S.REMOVING],
  SUPERSEDED: [S.REQUESTED, S.NOT_APPLICABLE, S.NO_DEVICE, S.CANCELLED, S.REMOVING, S.REMOVED],
  CANCELLED: [S.REQUESTED, S.NO_DEVICE, S.NOT_APPLICABLE, S.REMOVING],
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long an installation may stay in a state before `expire-waits` takes its other branch (rule 10). */
export const DEADLINES_MS: Readonly<Partial<Record<S, number>>> = {
  LICENSED: 7 * DAY,
  INSTALLING: 7 * DAY,
  /** The MDM may still act; after this the licence returns. */
  FAILED: 7 * DAY,
  REMOVING: DAY,
  /** Removal is tried again daily; what the target reports meanwhile counts. */
  REMOVAL_FAILED: DAY,
};

/** So long a removal that is tried again waits for its device, and after that silence for the next try: it is told daily. */
export const RETRIED_REMOVAL_MS = DAY / 2;

/** The states that begin a new step at the target. */
export const STEP_STATES: readonly S[] = [S.LICENSED, S.REMOVING];

/** The states of an installation that is over, until it is wanted again. */
export const END_STATES: readonly S[] = [S.REMOVED, S.CANCELLED];

/** The states in which an installation may come to wait for nothing but a person, and keeps its app from no removal then. */
export const HINDERED_STATES: readonly S[] = [S.FAILED, S.NOT_APPLICABLE];

/** The states in which the target may still tell of the present step. */
export const TOLD_STATES: readonly S[] = [S.INSTALLING, S.FAILED, S.REMOVING, S.REMOVAL_FAILED];

/** The states in which the app is to be gone, and the device, or a person, has not seen to that yet. */
export const REMOVAL_STATES: readonly S[] = [S.REMOVING, S.REMOVAL_FAILED];

/** What has failed may come yet: the target is asked seldom. */
export const FAILED_STATES: readonly S[] = [S.FAILED, S.REMOVAL_FAILED];

/** The states in which an installation has its turn: requested anew from another one, it comes last in the queue. */
export const TURN_STATES: readonly S[] = [
  S.REQUESTED,
  S.WAITING_FOR_LICENSE,
  S.WAITING_FOR_USER,
  S.CLAIMING,
  S.LICENSED,
  S.INSTALLING,
  S.INSTALLED,
];

/** The states in which an installation uses its licence: while one does, the licence stays (rule 5). */
export const USING_STATES: readonly S[] = [
  S.CLAIMING,
  S.LICENSED,
  S.INSTALLING,
  S.INSTALLED,
  S.FAILED,
  S.REMOVING,
  S.REMOVAL_FAILED,
];

/** How long to wait before the target is first asked about a step, and at most between two questions. */
export const FIRST_LOOK_MS = 15_000;
export const LAST_LOOK_MS = HOUR;
