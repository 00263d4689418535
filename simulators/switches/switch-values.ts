/** Switches as they stand, by what they accept. */
export type SwitchValues<Input> = { -readonly [Name in keyof Input]-?: NonNullable<Input[Name]> };
