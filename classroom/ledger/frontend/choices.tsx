import { Icon } from "@app/icon";
import { translator } from "@app/i18n";
import { to } from "./addressing";
import { en } from "./english";
import { Rich } from "./rich";
import { type Activity, lettersOf } from "./stage";

const t = translator(en);

interface Props {
  readonly activity: Activity;
  readonly chosen?: readonly string[];
  /** Left out: the choices only show. */
  readonly onChoose?: (letter: string) => void;
}

/** The options of a question as large buttons, or as rows that only show; after the reveal with what was right. */
export function Choices({ activity, chosen = [], onChoose }: Props) {
  const role = onChoose ? "group" : undefined;
  return (
    <div class="choices" role={role} aria-label={role && t("Các lựa chọn")}>
      {lettersOf(activity).map((letter, place) => (
        <Choice
          key={letter}
          letter={letter}
          text={activity.options?.[place] ?? ""}
          chosen={chosen.includes(letter)}
          mark={markOf(activity, letter, chosen.includes(letter))}
          {...(onChoose ? { onChoose: () => onChoose(letter) } : {})}
        />
      ))}
    </div>
  );
}

type Mark = "right" | "wrong" | undefined;

/** Right: it is in the solution. Wrong: it was chosen and is not. Nothing before the reveal or without a solution. */
export function markOf(activity: Activity, letter: string, chosen: boolean): Mark {
  if (activity.phase !== "revealed" || !activity.solution?.length) return undefined;
  if (activity.solution.includes(letter)) return "right";
  return chosen ? "wrong" : undefined;
}

interface ChoiceProps {
  readonly letter: string;
  readonly text: string;
  readonly chosen: boolean;
  readonly mark: Mark;
  readonly onChoose?: () => void;
}

function Choice({ letter, text, chosen, mark, onChoose }: ChoiceProps) {
  const inner = (
    <>
      <span class="choice__letter">{letter}</span>
      <span class="choice__text">
        <Rich text={text} />
      </span>
      {!onChoose && chosen && <span class="choice__own">{to(t("em đã chọn"), t("đã chọn"))}</span>}
      {mark === "right" && <Icon name="check" label={t("Đáp án đúng")} />}
      {mark === "wrong" && <Icon name="close" label={t("chưa đúng")} />}
    </>
  );
  const look = mark ? `choice is-${mark}` : "choice";
  // What was chosen stays marked when nothing can be chosen any more: a locked question, a second round, the reveal.
  if (!onChoose) return <div class={chosen ? `${look} is-chosen` : look}>{inner}</div>;
  return (
    <button type="button" class={look} aria-pressed={chosen} onClick={onChoose}>
      {inner}
    </button>
  );
}
