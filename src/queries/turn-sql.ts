/**
 * SQL for the order in which installations (alias `i`) of one app are licensed, with their deployments (alias
 * `deployment`): the higher priority first, then who has waited longer.
 */
export const TURN_SQL = "deployment.priority DESC, i.queued_at, i.id";
