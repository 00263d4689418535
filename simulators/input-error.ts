/** Input that cannot be carried out; its message is the sentence for the person or program that gave it. */
export class InputError extends Error {}
