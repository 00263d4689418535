import { AppError } from "../../errors.js";

const LONGEST_NAME = 200;

/** The name without white space around it. @throws AppError INVALID_INPUT when it is empty or longer than 200 characters. */
export function requireTokenName(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== "" && trimmed.length <= LONGEST_NAME) return trimmed;
  throw new AppError("INVALID_INPUT", `Give the token a name of 1 to ${LONGEST_NAME} characters.`, { field: "name" });
}
