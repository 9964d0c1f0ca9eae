import { formatShare, translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { Sketch } from "../../activities/frontend/sketch";
import { en } from "./english";
import { type Bar, barsOf, type Counts } from "./outcome";
import { Rich } from "./rich";
import type { Activity } from "./stage";

const t = translator(en);

interface Props {
  readonly activity: Activity;
  readonly counts: Counts;
  /** How many answered; left out: the sum of the counts. */
  readonly answered?: number;
  readonly rightOf?: (key: string) => boolean;
  /** What guests answered: shown beside the pupils' counts, never added to them. */
  readonly guests?: Counts;
}

const NOBODY: Counts = {};

/** How many answered what. What is right has a tick, not only a colour. A word cloud is words in their size. */
export function Histogram({ activity, counts: given, answered, rightOf, guests = NOBODY }: Props) {
  const counts = { ...Object.fromEntries(Object.keys(guests).map((key) => [key, 0])), ...given };
  const bars = barsOf(activity, counts, rightOf);
  const total = totalOf(activity, bars, counts, answered);
  if (activity.kind === "words") return <Cloud bars={bars} />;
  if (activity.kind === "text") return <Texts bars={bars} />;
  if (activity.kind === "drawing") return <Wall bars={bars} />;
  return (
    <div class={bars.length > 4 ? "histogram histogram--dense" : "histogram"}>
      {bars.map((bar) => (
        <Row key={bar.key} bar={bar} share={total(bar) ? bar.count / total(bar) : 0} guests={guests[bar.key] ?? 0} />
      ))}
    </div>
  );
}

/** Of how many a row is a share: of those who answered, or of those who judged the same statement or left-hand side. */
function totalOf(activity: Activity, bars: readonly Bar[], counts: Counts, answered: number | undefined): (bar: Bar) => number {
  if (activity.kind === "statements" || activity.kind === "matching") {
    const place = (key: string) => key.slice(0, 1);
    return (bar) => Object.entries(counts).reduce((sum, [key, count]) => sum + (place(key) === place(bar.key) ? count : 0), 0);
  }
  const all = answered ?? bars.reduce((total, bar) => total + bar.count, 0);
  return () => all;
}

export function wordsOf(word: NonNullable<Bar["word"]>): string {
  const words = {
    T: t("Đúng"),
    F: t("Sai"),
    other: t("Câu trả lời khác"),
    exit1: t("Chưa hiểu"),
    exit2: t("Hiểu một phần"),
    exit3: t("Đã hiểu"),
  };
  return words[word];
}

function Row({ bar, share, guests }: { bar: Bar; share: number; guests: number }) {
  return (
    <div class={bar.right ? "histogram__row is-right" : "histogram__row"}>
      <span class="histogram__letter">{bar.label}</span>
      <span class="histogram__label">
        <Rich text={bar.text} /> {bar.word && <b>{wordsOf(bar.word)}</b>} {bar.right && <Icon name="check" label={t("Đáp án đúng")} />}
      </span>
      <span class="histogram__track">
        <span class="histogram__bar" style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      <span class="histogram__count">
        {bar.count} ({formatShare(share, 0)}) {guests > 0 && <span class="histogram__guests">{t("+{n} khách", { n: guests })}</span>}
      </span>
    </div>
  );
}

function Cloud({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  const ordered = [...bars].sort((one, other) => one.text.localeCompare(other.text, "vi"));
  return (
    <ul class="cloud">
      {ordered.map((bar) => (
        <li key={bar.key} style={{ fontSize: `${1 + (1.6 * bar.count) / most}em` }}>
          {bar.text} <span class="visually-hidden">({bar.count})</span>
        </li>
      ))}
    </ul>
  );
}

/** What pupils drew, those that the teacher let through. */
function Wall({ bars }: { bars: readonly Bar[] }) {
  return (
    <ul class="drawings">
      {bars.map((bar, place) => (
        <li class="drawing" key={bar.key}>
          <Sketch answer={bar.text.split("\n")} label={t("Hình vẽ {n}", { n: place + 1 })} />
        </li>
      ))}
    </ul>
  );
}

function Texts({ bars }: { bars: readonly Bar[] }) {
  return (
    <ul class="stack">
      {bars.map((bar) => (
        <li class="choice" key={bar.key}>
          {bar.text}
        </li>
      ))}
    </ul>
  );
}
