import { z } from "zod";

/** The longest duration of a switch: a day. */
export const MAX_MS = 86_400_000;

/** A switch that is a duration, at most a day. */
export const milliseconds = z.int().min(0).max(MAX_MS).optional();
