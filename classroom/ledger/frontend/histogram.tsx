import { formatShare, translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { Sketch } from "../../activities/frontend/sketch";
import { en } from "./english";
import { type Bar, barsOf, type Counts, fewOf, mostChosen } from "./outcome";
import { plain, Rich } from "./rich";
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
  /** More rows than this nobody could read there. */
  readonly most?: number;
}

const NOBODY: Counts = {};

/** More rows than this stand in two columns on the projector. */
const FEW = 5;
const DENSE = "histogram--dense";

/** A label that leaves room for its bar on the same line. */
const SHORT = 26;

/** How many answered what. What is right has a tick, not only a colour. A word cloud is words in their size. */
export function Histogram({ activity, counts: given, answered, rightOf, guests = NOBODY, most = Infinity }: Props) {
  const counts = { ...Object.fromEntries(Object.keys(guests).map((key) => [key, 0])), ...given };
  const all = barsOf(activity, counts, rightOf);
  const bars = fewOf(activity.kind, all, most);
  const total = totalOf(activity, all, counts, answered);
  if (activity.kind === "words") return <Cloud bars={bars} />;
  if (activity.kind === "text") return <Texts bars={bars} />;
  if (activity.kind === "drawing") return <Wall bars={bars} />;
  const look = lookOf(bars);
  return (
    <div class={`histogram ${look}`}>
      {bars.map((bar) => (
        <Row key={bar.key} bar={bar} narrow={look === DENSE && most < Infinity} share={total(bar) ? bar.count / total(bar) : 0} guests={guests[bar.key] ?? 0} />
      ))}
    </div>
  );
}

function lookOf(bars: readonly Bar[]): string {
  if (bars.every((bar) => bar.text === "" && !bar.word)) return "histogram--short histogram--bare";
  if (bars.every((bar) => plain(bar.text).length <= SHORT)) return "histogram--short";
  return bars.length > FEW ? DENSE : "";
}

interface RoundsProps {
  readonly activity: Activity;
  /** By round. */
  readonly tallies: Readonly<Record<string, Counts>>;
  readonly guests?: Readonly<Record<string, Counts>> | undefined;
  /** By round, how many answered; left out: the sum of the counts. */
  readonly answered?: Readonly<Record<string, number>>;
  readonly rightOf?: (key: string) => boolean;
  /** More rows than this nobody could read there: the rarest are left out, and it is said how many. */
  readonly most?: number;
}

/** Both rounds under each option, to be read from the back row: each text stands once, and the shift is seen at a glance. */
export function Rounds({ activity, tallies, guests = {}, answered = {}, rightOf, most = Infinity }: RoundsProps) {
  const rounds = Object.keys(tallies).sort();
  const all = barsOf(activity, summed([...Object.values(tallies), ...Object.values(guests).map(nothingOf)]), rightOf);
  const bars = mostChosen(all, most);
  return (
    <div class="histogram histogram--rounds">
      {bars.map((bar) => (
        <div class={bar.right ? "histogram__row is-right" : "histogram__row"} key={bar.key}>
          <Label bar={bar} />
          <span class="histogram__rounds">
            {rounds.map((round) => (
              <Round key={round} name={t("Lần {round}", { round })} count={tallies[round]?.[bar.key] ?? 0} of={totalOf(activity, barsOf(activity, tallies[round] ?? NOBODY), tallies[round] ?? NOBODY, answered[round])(bar)} guests={guests[round]?.[bar.key] ?? 0} />
            ))}
          </span>
        </div>
      ))}
      {bars.length < all.length && <p class="muted">{t("+ {n} đáp án ít em chọn hơn", { n: all.length - bars.length })}</p>}
    </div>
  );
}

function Round({ name, count, of, guests }: { name: string; count: number; of: number; guests: number }) {
  const share = of ? count / of : 0;
  return (
    <span class="histogram__round">
      <span>{name}</span>
      <span class="histogram__track">
        <span class="histogram__bar" style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      <Count count={count} share={share} guests={guests} />
    </span>
  );
}

function summed(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [key, count] of Object.entries(counts)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}

/** What guests answered has a row too, and counts for nothing there. */
function nothingOf(counts: Counts): Counts {
  return Object.fromEntries(Object.keys(counts).map((key) => [key, 0]));
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

function Row({ bar, share, guests, narrow }: { bar: Bar; share: number; guests: number; narrow: boolean }) {
  return (
    <div class={bar.right ? "histogram__row is-right" : "histogram__row"}>
      <Label bar={bar} />
      <span class="histogram__track">
        <span class="histogram__bar" style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      <Count count={bar.count} share={share} guests={guests} narrow={narrow} />
    </div>
  );
}

function Label({ bar }: { bar: Bar }) {
  return (
    <>
      <span class="histogram__letter">{bar.label}</span>
      <span class="histogram__label">
        <Rich text={bar.text} /> {bar.word && <b>{wordsOf(bar.word)}</b>} {bar.right && <Icon name="check" label={t("Đáp án đúng")} />}
      </span>
    </>
  );
}

/** Where it is narrow only a screen reader is told the number too. */
function Count({ count, share, guests, narrow = false }: { count: number; share: number; guests: number; narrow?: boolean }) {
  return (
    <span class="histogram__count">
      {narrow ? <span class="visually-hidden">{count} </span> : `${count} (`}
      {formatShare(share, 0)}
      {!narrow && ")"} {guests > 0 && <span class="histogram__guests">{t("+{n} khách", { n: guests })}</span>}
    </span>
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
