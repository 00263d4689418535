import { AppError } from "../errors.js";

/** The time for reading has passed, and not for what was asked: no session was free, or the database answered nothing. */
export class DatabaseAway extends AppError {}
