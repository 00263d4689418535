import { z } from "zod";

/** How many of the next requests a planned failure is for. */
export const countInput = z.int().min(1).max(1_000_000).default(1);
