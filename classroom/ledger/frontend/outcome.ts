import { type Activity, LETTERS, lettersOf, optionOf, targetOf } from "./stage";

/** One row of a chart. `word` is a key for words of ours (see histogram.tsx); the same rows in Python: rules/bars.py. */
export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly text: string;
  readonly count: number;
  readonly right: boolean;
  readonly word?: "T" | "F" | "other" | "exit1" | "exit2" | "exit3";
}

export type Counts = Readonly<Record<string, number>>;
const MOST = 12;

/** The rows for a tally of this question. `rightOf` knows which typed answers are right, on the teacher's screen. */
export function barsOf(activity: Activity, counts: Counts, rightOf: (key: string) => boolean = () => false): readonly Bar[] {
  const solution = activity.phase === "revealed" ? (activity.solution ?? []) : [];
  const row = (key: string, label: string, text: string, right: boolean, word?: Bar["word"]): Bar => ({
    key,
    label,
    text,
    count: counts[key] ?? 0,
    right,
    ...(word ? { word } : {}),
  });
  const frequent = Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .slice(0, MOST)
    .map(([key]) => key);
  switch (activity.kind) {
    case "single":
    case "multiple":
    case "quick":
      return lettersOf(activity).map((letter) => row(letter, letter, optionOf(activity, letter), solution.includes(letter)));
    case "true_false":
      return (["T", "F"] as const).map((value) => row(value, "", "", solution[0] === value, value));
    case "statements":
      // After the reveal only the right judgement of each statement: eight rows would not fit a screen.
      return (activity.options ?? []).flatMap((text, place) =>
        (["T", "F"] as const)
          .map((value) => row(`${place + 1}${value}`, "abcd"[place] ?? "", text, solution[place] === value, value))
          .filter((bar) => solution.length === 0 || bar.right),
      );
    case "matching":
      return (activity.options ?? []).flatMap((left, place) =>
        (activity.targets ?? []).map((target, index) => {
          const letter = LETTERS[index] ?? "";
          return row(`${place + 1}${letter}`, String(place + 1), `${left} – ${target}`, solution[place] === letter);
        }).filter((bar) => bar.count > 0 || bar.right),
      );
    case "ordering":
      return frequent.map((key) =>
        row(key, "", [...key].map((letter) => optionOf(activity, letter)).join(" → "), key === solution.join("")),
      );
    case "scale":
      return Array.from({ length: activity.most ?? 5 }, (_, place) => String(place + 1)).map((step) =>
        row(step, step, step === "1" ? (activity.options?.[0] ?? "") : step === String(activity.most) ? (activity.options?.[1] ?? "") : "", false),
      );
    case "exit":
      return (["1", "2", "3"] as const).map((step) => row(step, step, "", false, `exit${step}`));
    case "short":
    case "number":
      return frequent.map((key) => row(key, "", key, key !== "" && (rightOf(key) || solution[0] === key), key === "" ? "other" : undefined));
    default:
      return frequent.map((key) => row(key, "", key, false));
  }
}

/** As many rows as a class reads from the back row: what is right, then what was answered most often. Typed answers and
 * orders that find no place are one row together; of pairs that do not belong together the rare ones are left out. */
export function fewOf(kind: Activity["kind"], bars: readonly Bar[], most: number): readonly Bar[] {
  const isTyped = kind === "ordering" || kind === "short" || kind === "number";
  if (bars.length <= most || !(isTyped || kind === "matching")) return bars;
  const room = isTyped ? most - 1 : Math.max(most, bars.filter((bar) => bar.right).length);
  const kept = new Set(mostChosen(bars.filter((bar) => bar.key !== ""), room));
  const left = bars.filter((bar) => !kept.has(bar));
  if (!isTyped) return bars.filter((bar) => kept.has(bar));
  const rest: Bar = { key: "", label: "", text: "", count: left.reduce((sum, bar) => sum + bar.count, 0), right: false, word: "other" };
  return [...bars.filter((bar) => kept.has(bar)), rest];
}

/** What is right and what was chosen most often, in the order of the question. */
export function mostChosen(bars: readonly Bar[], most: number): readonly Bar[] {
  const wanted = [...bars].sort((one, other) => Number(other.right) - Number(one.right) || other.count - one.count);
  const kept = new Set(wanted.slice(0, most));
  return bars.filter((bar) => kept.has(bar));
}

/** The keys under which an answer counts; the same in Python: `tally` of each kind. */
export function keysOf(activity: Activity, answer: readonly string[]): readonly string[] {
  switch (activity.kind) {
    case "ordering":
      return [answer.join("")];
    case "statements":
    case "matching":
      return answer.map((entry, place) => `${place + 1}${entry}`).filter((key) => !key.endsWith("-"));
    case "words":
    case "short":
      return answer.map((text) => text.toLocaleLowerCase("vi"));
    case "drawing":
      return [answer.join("\n")];
    case "exit":
      return answer.slice(0, 1);
    default:
      return answer;
  }
}

/** An answer as it fits into a name tile. */
export function shortForm(activity: Activity, answer: readonly string[], letters: { readonly T: string; readonly F: string }): string {
  switch (activity.kind) {
    case "true_false":
    case "statements":
      return answer.map((entry) => (entry === "T" ? letters.T : entry === "F" ? letters.F : entry)).join("");
    case "words":
      return answer.join(", ");
    case "exit":
      return answer.length > 1 ? `${answer[0]}…` : (answer[0] ?? "");
    case "drawing":
      return "✎";
    default:
      return answer.join("");
  }
}

/** The solution in words, empty when nothing is right. */
export function solutionOf(activity: Activity, words: { readonly T: string; readonly F: string }): string {
  const solution = activity.solution ?? [];
  switch (activity.kind) {
    case "true_false":
      return solution.map((entry) => (entry === "T" ? words.T : words.F)).join("");
    case "statements":
      return solution.map((entry, place) => `${"abcd"[place]}) ${entry === "T" ? words.T : words.F}`).join(" · ");
    case "ordering":
      return solution.map((letter) => optionOf(activity, letter)).join(" → ");
    case "matching":
      return solution.map((letter, place) => `${activity.options?.[place]} – ${targetOf(activity, letter)}`).join(" · ");
    case "short":
      return solution.join(" / ");
    case "number":
      return `${solution[0] ?? ""}${activity.tolerance ? ` ± ${activity.tolerance}` : ""} ${activity.unit ?? ""}`.trim();
    default:
      return solution.join(", ");
  }
}
