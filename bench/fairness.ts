/**
 * Jain's index of what both got while both wanted more: 1 is equal, 0.5 is all for one. Windows are cut in the quiet time
 * between two bursts; the first is left out, in which one process had a head start.
 */
export function fairness(mine: readonly number[], theirs: readonly number[], windowMs: number): number {
  const from = Math.max(mine[0] ?? 0, theirs[0] ?? 0) + windowMs / 2;
  const until = Math.min(mine.at(-1) ?? 0, theirs.at(-1) ?? 0);
  let worst = 1;
  for (let startMs = from; startMs + windowMs <= until; startMs += windowMs) {
    const within = (at: number): boolean => at >= startMs && at < startMs + windowMs;
    const [a, b] = [mine.filter(within).length, theirs.filter(within).length];
    if (a + b > 0) worst = Math.min(worst, (a + b) ** 2 / (2 * (a * a + b * b)));
  }
  return worst;
}
