/** Edit distance with swaps of neighbours, given up on beyond `most`. */
function distance(left: string, right: string, most: number): number {
  if (Math.abs(left.length - right.length) > most) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      let best = Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? most + 1;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** The known word that was probably meant; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > 60) return null;
  const most = word.length <= 4 ? 1 : 2;
  let best: string | null = null;
  let least = most + 1;
  for (const one of known) {
    const far = plain(one) === plain(word) ? 0 : distance(word.toLowerCase(), one.toLowerCase(), most);
    if (far < least) [best, least] = [one, far];
  }
  return best;
}

/** `; did you mean apiKey?`, or the whole list when it is short, or nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== null) return `; did you mean ${near}?`;
  return known.length > 0 && known.length <= 12 ? `; known here: ${known.join(", ")}` : "";
}
