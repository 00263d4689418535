/** The longest id, in bytes of UTF-8. */
export const MAX_ID_BYTES = 1024;

/** The longest Handle, in bytes of UTF-8. */
export const MAX_HANDLE_BYTES = 2048;

/** The longest cursor, in characters. */
export const MAX_CURSOR_CHARACTERS = 65_536;

/** Records on one page. */
export const MAX_PAGE_RECORDS = 100_000;

/** A longer text is cut; in characters. */
export const MAX_TEXT_CHARACTERS = 2000;
