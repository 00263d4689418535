import { randomUUID } from "node:crypto";
import {
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from "graphql";
import { encodeGlobalId } from "../../src/entities/global-id.js";

const SCALARS: Readonly<Record<string, () => unknown>> = {
  ID: () => encodeGlobalId("Token", randomUUID()),
  String: () => "some text",
  Int: () => 1,
  Float: () => 1,
  Boolean: () => false,
  DateTime: () => new Date(Date.now() + 86_400_000).toISOString(),
  JSONObject: () => ({}),
};

/** The least that the type of an input takes: no object of the installation is meant by it. */
export function minimalInput(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return minimalInput(type.ofType);
  if (isListType(type)) return [minimalInput(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(required.map((field) => [field.name, minimalInput(field.type)]));
  }
  const make = SCALARS[getNamedType(type).name];
  if (!make) throw new Error(`Nothing is known to give for ${type}`);
  return make();
}
