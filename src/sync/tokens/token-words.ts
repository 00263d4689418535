import { z } from "zod";
import type { TokenContact } from "../../entities/token.js";
import { AppError } from "../../errors.js";

/** What an admin says of a token. */
export interface TokenWords {
  readonly name: string;
  readonly description: string | null;
  readonly categories: readonly string[];
  /** Who can renew it at Apple. */
  readonly contacts: readonly TokenContact[];
}

const LONGEST_NAME = 200;
const LONGEST_DESCRIPTION = 2_000;
const LONGEST_CATEGORY = 100;
const MOST_CATEGORIES = 50;
const MOST_CONTACTS = 20;

const email = z.email().max(254);

/**
 * The words without white space around them, and each category once; what is left out stays left out.
 * @throws AppError INVALID_INPUT for an empty name or category, a contact without a name or a usable e-mail address, one
 * address twice, and what is longer than 200 (name), 2,000 (description) or 100 characters (category), or more than 50
 * categories or 20 contacts; `details.field` says which.
 */
export function requireTokenWords<Given extends Partial<TokenWords>>(words: Given): Given {
  const { name, description, categories, contacts } = words;
  return {
    ...words,
    ...(name !== undefined && { name: requireName(name, "name", "the token") }),
    ...(typeof description === "string" && { description: requireDescription(description) }),
    ...(categories !== undefined && { categories: requireCategories(categories) }),
    ...(contacts !== undefined && { contacts: requireContacts(contacts) }),
  };
}

function requireName(name: string, field: string, whose: string): string {
  const trimmed = name.trim();
  if (trimmed !== "" && trimmed.length <= LONGEST_NAME) return trimmed;
  throw invalid(field, `Give ${whose} a name of 1 to ${LONGEST_NAME} characters.`);
}

function requireDescription(description: string): string | null {
  const trimmed = description.trim();
  if (trimmed.length <= LONGEST_DESCRIPTION) return trimmed || null;
  throw invalid("description", `Describe the token in at most ${LONGEST_DESCRIPTION} characters.`);
}

function requireCategories(categories: readonly string[]): readonly string[] {
  const distinct = [...new Set(categories.map((category) => category.trim()))];
  if (distinct.length > MOST_CATEGORIES) {
    throw invalid("categories", `Give the token at most ${MOST_CATEGORIES} categories.`);
  }
  if (distinct.every((category) => category !== "" && category.length <= LONGEST_CATEGORY)) return distinct;
  throw invalid("categories", `Give each category 1 to ${LONGEST_CATEGORY} characters.`);
}

function requireContacts(contacts: readonly TokenContact[]): readonly TokenContact[] {
  if (contacts.length > MOST_CONTACTS) throw invalid("contacts", `Give the token at most ${MOST_CONTACTS} contacts.`);
  const checked = contacts.map((contact) => {
    const name = requireName(contact.name, "contacts", "each contact");
    const address = contact.email.trim();
    if (email.safeParse(address).success) return { name, email: address };
    throw invalid("contacts", `Give "${name}" an e-mail address such as name@example.com.`);
  });
  const addresses = new Set(checked.map((contact) => contact.email.toLowerCase()));
  if (addresses.size === checked.length) return checked;
  throw invalid("contacts", "Name each e-mail address once: two contacts are two people.");
}

function invalid(field: string, sentence: string): AppError {
  return new AppError("INVALID_INPUT", sentence, { field });
}
