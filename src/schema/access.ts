import type { GraphQLField, GraphQLFieldResolver } from "graphql";
import { defaultFieldResolver, type GraphQLObjectType, type GraphQLSchema, isObjectType } from "graphql";
import { type AccessRule, accessRuleOf } from "../entities/allow.js";
import { type Role, reaches } from "../entities/role.js";
import { AppError } from "../errors.js";

/** Who asks, and what they may. */
export interface Access {
  /** As it stands in the ledger. */
  readonly actor: string;
  readonly role: Role;
  /** The teams whose tokens and targets are seen; null for everything. */
  readonly teams: readonly string[] | null;
}

/** A mutation that somebody asks for. */
export interface MutationCall {
  readonly field: GraphQLField<unknown, AccessedContext>;
  readonly rule: AccessRule;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the rules need of the context of a request. */
export interface AccessedContext {
  readonly access: Access;
  /** Makes a mutation if its rule allows it, with all that belongs to every one of them. */
  mutate(call: MutationCall, make: (context: AccessedContext) => unknown): Promise<unknown>;
}

/**
 * Has every field of the schema ask who may before it answers. Whatever begins a request must say so: what is forgotten is
 * no gap but an error at the start.
 * @throws Error for a query, mutation or subscription that does not say who may ask.
 */
export function applyAccessRules(schema: GraphQLSchema): void {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const rule = accessRuleOf(field);
      if (rule && type === schema.getMutationType()) guardMutation(field, rule);
      else if (rule) guard(type, field, rule);
      else if (roots.includes(type)) throw new Error(`${type.name}.${field.name} does not say who may ask for it`);
    }
  }
}

type Field = GraphQLField<unknown, AccessedContext>;
type Resolve = GraphQLFieldResolver<unknown, AccessedContext>;

function guardMutation(field: Field, rule: AccessRule): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (source, args, context, info) =>
    context.mutate({ field, rule, args }, (inner) => resolve(source, args, inner, info));
}

function guard(type: GraphQLObjectType, field: Field, rule: AccessRule): void {
  const name = type.name === "Query" ? field.name : `${type.name}.${field.name}`;
  const guarded =
    (resolve: Resolve): Resolve =>
    (source, args, context, info) => {
      requireAccess(context.access, rule, `\`${name}\``);
      return resolve(source, args, context, info);
    };
  if (field.subscribe) field.subscribe = guarded(field.subscribe);
  else field.resolve = guarded(field.resolve ?? defaultFieldResolver);
}

/** Whether whoever asks may what takes this. */
export function mayAccess({ role, teams }: Access, rule: AccessRule): boolean {
  return reaches(role, rule.role) && (!rule.allTeams || teams === null);
}

/**
 * @param what the thing that is asked for, as a sentence's subject.
 * @throws AppError FORBIDDEN.
 */
export function requireAccess(access: Access, rule: AccessRule, what: string): void {
  if (mayAccess(access, rule)) return;
  const { role, allTeams } = rule;
  throw new AppError(
    "FORBIDDEN",
    reaches(access.role, role)
      ? `${what} is about the whole installation, and takes access that is not limited to teams.`
      : `${what} takes the role ${role}. Ask an admin of this installation.`,
    { role, allTeams },
  );
}
