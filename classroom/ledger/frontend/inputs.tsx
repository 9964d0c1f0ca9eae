import { useState } from "preact/hooks";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { to } from "./addressing";
import { en } from "./english";
import { Choices } from "./choices";
import { later } from "./later";
import { hasMaths, plain, Rich } from "./rich";
import { type Activity, BLANK, isChoice, isSameAnswer, LETTERS, lettersOf, optionOf } from "./stage";

const t = translator(en);

export interface InputProps {
  readonly activity: Activity;
  /** The answer that stands, or waits to be sent. */
  readonly given: readonly string[];
  /** Left out: the answer only shows. */
  readonly onGive?: ((answer: readonly string[]) => void) | undefined;
}

const Drawing = later<InputProps>(() => import("../../activities/frontend/drawing").then((made) => made.Drawing));

/** How a question of any kind is answered: with fingers, a keyboard or a screen reader. Remount it for another round. */
export function AnswerInput(props: InputProps) {
  const { activity, given, onGive } = props;
  if (isChoice(activity) && activity.kind !== "multiple") {
    const choose = (letter: string) => !isSameAnswer(given, [letter]) && onGive?.([letter]);
    return <Choices activity={activity} chosen={given} {...(onGive ? { onChoose: choose } : {})} />;
  }
  switch (activity.kind) {
    case "true_false":
      return <Judge {...props} />;
    case "scale":
      return <Scale {...props} />;
    case "multiple":
      return <Several {...props} />;
    case "statements":
      return <Statements {...props} />;
    case "ordering":
      return <Ordering {...props} />;
    case "matching":
      return <Matching {...props} />;
    case "words":
      return <Words {...props} />;
    case "exit":
      return <Exit {...props} />;
    case "drawing":
      return <Drawing {...props} />;
    default:
      return <Typed {...props} />;
  }
}

/** The draft of an answer that is sent with a button; it begins with what was given. */
export function useDraft({ given, onGive }: InputProps, first: readonly string[]) {
  const [draft, setDraft] = useState<readonly string[] | null>(null);
  const now = draft ?? (given.length > 0 ? given : first);
  const changed = draft !== null && !isSameAnswer(draft, given);
  return {
    now,
    set: setDraft,
    /** The button, while there is something to send. */
    send: (answer: readonly string[], ready: boolean) =>
      onGive && (changed || given.length === 0) ? (
        <button
          type="button"
          class="btn btn--main btn--large btn--wide"
          disabled={!ready}
          onClick={() => {
            onGive(answer);
            setDraft(null);
          }}
        >
          {t("Gửi câu trả lời")}
        </button>
      ) : null,
  };
}

function replaced(list: readonly string[], place: number, entry: string): readonly string[] {
  return list.map((one, index) => (index === place ? entry : one));
}

// --- taps ---

function Judge({ activity, given, onGive }: InputProps) {
  return (
    <div class="choices" role="group" aria-label={t("Các lựa chọn")}>
      {(["T", "F"] as const).map((value) => (
        <button
          type="button"
          class="choice"
          key={value}
          disabled={!onGive}
          aria-pressed={given[0] === value}
          onClick={() => given[0] !== value && onGive?.([value])}
        >
          <Icon name={value === "T" ? "check" : "close"} />
          <span class="choice__text">{value === "T" ? t("Đúng") : t("Sai")}</span>
          {activity.phase === "revealed" && activity.solution?.[0] === value && <Icon name="done" label={t("Đáp án đúng")} />}
        </button>
      ))}
    </div>
  );
}

function Scale({ activity, given, onGive }: InputProps) {
  const [low, high] = activity.options ?? [];
  return (
    <div>
      <div class="scale" role="group" aria-label={low ? t("Thang đo, từ {low} đến {high}", { low, high: high ?? "" }) : t("Thang đo")}>
        {Array.from({ length: activity.most ?? 5 }, (_, place) => String(place + 1)).map((step) => (
          <button
            type="button"
            class="choice scale__step"
            key={step}
            disabled={!onGive}
            aria-pressed={given[0] === step}
            onClick={() => given[0] !== step && onGive?.([step])}
          >
            {step}
          </button>
        ))}
      </div>
      {low && (
        <p class="row row--spread muted">
          <span>{low}</span>
          <span>{high}</span>
        </p>
      )}
    </div>
  );
}

function Several(props: InputProps) {
  const { now, set, send } = useDraft(props, []);
  const toggle = (letter: string) =>
    set(now.includes(letter) ? now.filter((one) => one !== letter) : [...now, letter].sort());
  return (
    <>
      <Choices activity={props.activity} chosen={now} {...(props.onGive ? { onChoose: toggle } : {})} />
      {send(now, now.length > 0)}
    </>
  );
}

function Statements(props: InputProps) {
  const { activity, onGive } = props;
  const options = activity.options ?? [];
  const { now, set, send } = useDraft(props, options.map(() => BLANK));
  return (
    <>
      {options.map((text, place) => (
        <div class="statement" key={place} role="group" aria-label={`${t("Ý {letter}", { letter: "abcd"[place] ?? "" })}: ${plain(text)}`}>
          <p>
            <b>{"abcd"[place]})</b> <Rich text={text} />
            {activity.phase === "revealed" && <Truth value={activity.solution?.[place]} />}
          </p>
          <div class="btn-group">
            {(["T", "F"] as const).map((value) => (
              <button
                type="button"
                class="btn"
                key={value}
                disabled={!onGive}
                aria-pressed={now[place] === value}
                onClick={() => set(replaced(now, place, value))}
              >
                {value === "T" ? t("Đúng") : t("Sai")}
              </button>
            ))}
          </div>
        </div>
      ))}
      {send(now, now.some((entry) => entry !== BLANK))}
    </>
  );
}

function Truth({ value }: { value: string | undefined }) {
  return (
    <b class="badge tone-good">
      <Icon name="check" />
      {value === "T" ? t("Đúng") : t("Sai")}
    </b>
  );
}

// --- arranging ---

function Ordering(props: InputProps) {
  const { activity, onGive } = props;
  const { now, set, send } = useDraft(props, lettersOf(activity));
  const [said, say] = useState("");
  const move = (place: number, steps: number) => {
    const order = [...now];
    const [taken = ""] = order.splice(place, 1);
    order.splice(place + steps, 0, taken);
    set(order);
    say(t("{text}: vị trí {n}", { text: plain(optionOf(activity, taken)), n: place + steps + 1 }));
  };
  return (
    <>
      {/* Eyes see where a row went; a screen reader is told. */}
      <p class="visually-hidden" role="status">
        {said}
      </p>
      <ol class="arrange">
        {now.map((letter, place) => (
          <li class="arrange__row" key={letter}>
            <span class="choice__letter">{place + 1}</span>
            <span class="choice__text">
              <Rich text={optionOf(activity, letter)} />
            </span>
            {onGive && (
              <>
                <Step icon="up" words={t("Đưa lên: {text}", { text: plain(optionOf(activity, letter)) })} disabled={place === 0} onTap={() => move(place, -1)} />
                <Step icon="down" words={t("Đưa xuống: {text}", { text: plain(optionOf(activity, letter)) })} disabled={place === now.length - 1} onTap={() => move(place, 1)} />
              </>
            )}
          </li>
        ))}
      </ol>
      {send(now, true)}
    </>
  );
}

/** Keeps the keyboard's place: a row that moves, and a button that can do no more, must not lose it. */
function Step({ icon, words, disabled, onTap }: { icon: string; words: string; disabled: boolean; onTap: () => void }) {
  const step = (event: { currentTarget: HTMLElement }) => {
    const button = event.currentTarget;
    if (!disabled) onTap();
    // Only where the move has lost it: who is on the next control by now stays there.
    requestAnimationFrame(() => document.activeElement === document.body && button.focus());
  };
  return (
    <button type="button" class="btn btn--icon" aria-disabled={disabled} onClick={step}>
      <Icon name={icon} label={words} />
    </button>
  );
}

function Matching(props: InputProps) {
  const { activity, onGive } = props;
  const lefts = activity.options ?? [];
  const targets = activity.targets ?? [];
  const { now, set, send } = useDraft(props, lefts.map(() => BLANK));
  const choose = (place: number, letter: string) =>
    set(now.map((one, index) => (index === place ? letter : one === letter && letter !== BLANK ? BLANK : one)));
  return (
    <>
      {/* A list of options draws no formula: what has one is shown above, under its letter. */}
      {targets.some(hasMaths) && (
        <ul class="match__targets">
          {targets.map((target, index) => (
            <li key={index}>
              <b>{LETTERS[index]}.</b> <Rich text={target} />
            </li>
          ))}
        </ul>
      )}
      {lefts.map((left, place) => (
        <label class="match" key={place}>
          <span>
            <Rich text={left} />
          </span>
          <select class="input" value={now[place]} disabled={!onGive} onChange={(event) => choose(place, event.currentTarget.value)}>
            <option value={BLANK}>{t("Chọn vế phải…")}</option>
            {targets.map((target, index) => (
              <option key={index} value={LETTERS[index]}>
                {LETTERS[index]}. {plain(target)}
              </option>
            ))}
          </select>
        </label>
      ))}
      {send(now, now.some((entry) => entry !== BLANK))}
    </>
  );
}

// --- typing ---

function Typed(props: InputProps) {
  const { activity, onGive } = props;
  const { now, set, send } = useDraft(props, [""]);
  const text = now[0] ?? "";
  const label = activity.kind === "number" ? to(t("Số của em"), t("Số trả lời")) : to(t("Câu trả lời của em"), t("Câu trả lời"));
  const shared = {
    class: "input",
    "aria-label": label,
    value: text,
    disabled: !onGive,
    onInput: (event: { currentTarget: { value: string } }) => set([event.currentTarget.value]),
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) onGive?.([text.trim()]);
      }}
    >
      {activity.kind === "text" ? (
        <textarea {...shared} rows={4} maxLength={500} />
      ) : (
        <span class="typed">
          <input {...shared} inputMode={activity.kind === "number" ? "decimal" : "text"} maxLength={activity.kind === "number" ? 40 : 120} autocomplete="off" />
          {activity.unit && <b>{activity.unit}</b>}
        </span>
      )}
      {send([text.trim()], text.trim() !== "")}
    </form>
  );
}

function Words(props: InputProps) {
  const most = props.activity.most ?? 3;
  const empty = Array.from({ length: most }, () => "");
  const { now, set, send } = useDraft(props, empty);
  const fields = [...now, ...empty].slice(0, most);
  const phrases = fields.map((phrase) => phrase.trim()).filter(Boolean);
  return (
    <>
      {fields.map((phrase, place) => (
        <input
          class="input"
          key={place}
          aria-label={t("Cụm từ {n}", { n: place + 1 })}
          placeholder={t("Cụm từ {n}", { n: place + 1 })}
          maxLength={40}
          autocomplete="off"
          disabled={!props.onGive}
          value={phrase}
          onInput={(event) => set(replaced(fields, place, event.currentTarget.value))}
        />
      ))}
      {send(phrases, phrases.length > 0)}
    </>
  );
}

function Exit(props: InputProps) {
  const { now, set, send } = useDraft(props, []);
  const [step = "", text = ""] = now;
  const words = [t("Chưa hiểu"), t("Hiểu một phần"), t("Đã hiểu")];
  return (
    <>
      <div class="choices" role="group" aria-label={to(t("Em hiểu bài đến đâu?"), t("Hiểu bài đến đâu?"))}>
        {words.map((word, place) => (
          <button
            type="button"
            class="choice"
            key={word}
            disabled={!props.onGive}
            aria-pressed={step === String(place + 1)}
            onClick={() => set(text ? [String(place + 1), text] : [String(place + 1)])}
          >
            {word}
          </button>
        ))}
      </div>
      <label class="field">
        <span class="field__label">{to(t("Em còn điều gì chưa rõ? (không bắt buộc)"), t("Còn điều gì chưa rõ? (không bắt buộc)"))}</span>
        <textarea
          class="input"
          rows={3}
          maxLength={500}
          disabled={!props.onGive}
          value={text}
          onInput={(event) => set(event.currentTarget.value ? [step, event.currentTarget.value] : [step])}
        />
      </label>
      {send(text.trim() ? [step, text.trim()] : [step], step !== "")}
    </>
  );
}
