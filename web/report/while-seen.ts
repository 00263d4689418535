/** Tells once a period while somebody looks, and as soon as somebody looks again. */
export function whileSeen(periodMs: number, tell: () => void): () => void {
  const look = () => {
    if (document.visibilityState === "visible") tell();
  };
  const timer = setInterval(look, periodMs);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
