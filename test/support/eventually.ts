const PAUSE_MS = 50;

/** Waits until a question has an answer that is not null; fails with the last thing seen. */
export async function eventually<Answer>(
  question: () => Promise<Answer | null>,
  describe: () => unknown = () => "nothing",
  timeoutMs = 45_000,
): Promise<Answer> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await question();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`It did not come to pass; last seen: ${JSON.stringify(describe())}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
