import { formatShare, translator } from "@app/i18n";
import { Icon } from "@app/icon";
import en from "../../translations/en.json";
import { type Activity, lettersOf } from "./stage";

const t = translator(en);

interface Props {
  readonly activity: Activity;
  readonly counts: Readonly<Record<string, number>>;
}

/** How many chose what. What is right has a tick, not only a colour. */
export function Histogram({ activity, counts }: Props) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <div class="histogram">
      {lettersOf(activity).map((letter, place) => (
        <Row
          key={letter}
          letter={letter}
          text={activity.options[place] ?? ""}
          count={counts[letter] ?? 0}
          share={total ? (counts[letter] ?? 0) / total : 0}
          isRight={activity.phase === "revealed" && (activity.solution ?? []).includes(letter)}
        />
      ))}
    </div>
  );
}

interface RowProps {
  readonly letter: string;
  readonly text: string;
  readonly count: number;
  readonly share: number;
  readonly isRight: boolean;
}

function Row({ letter, text, count, share, isRight }: RowProps) {
  return (
    <div class={isRight ? "histogram__row is-right" : "histogram__row"}>
      <span class="histogram__letter">{letter}</span>
      <span class="histogram__label">
        {text} {isRight && <Icon name="check" label={t("Đáp án đúng")} />}
      </span>
      <span class="histogram__track">
        <span class="histogram__bar" style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      <span class="histogram__count">
        {count} ({formatShare(share, 0)})
      </span>
    </div>
  );
}
