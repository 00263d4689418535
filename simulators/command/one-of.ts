import { InputError } from "../input-error.js";

/** The choice of an option. @throws InputError for what is none of them. */
export function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  throw new InputError(`--${name} must be ${choices.join(" or ")}, not "${text}".`);
}
