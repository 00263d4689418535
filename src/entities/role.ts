import { registerEnumType } from "type-graphql";

/** What a caller may do; each role may all that those before it may. */
export enum Role {
  VIEWER = "VIEWER",
  OPERATOR = "OPERATOR",
  ADMIN = "ADMIN",
}
registerEnumType(Role, {
  name: "Role",
  description: "What a caller may do. Each role may all that those before it may.",
  valuesConfig: {
    VIEWER: { description: "Reads." },
    OPERATOR: { description: "Works with licences, deployments, collections, synchronisations and alert rules." },
    ADMIN: { description: "Adds, renews and removes tokens and targets, and says who may what." },
  },
});

const RANKS = Object.values(Role);

/** Whether a role may what takes at least another one. */
export function reaches(role: Role, least: Role): boolean {
  return RANKS.indexOf(role) >= RANKS.indexOf(least);
}
