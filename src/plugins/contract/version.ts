/** The contract that this release speaks. It grows by optional members only; anything else makes it another number. */
export const CONTRACT_VERSION = 1;
