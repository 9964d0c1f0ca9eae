import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import en from "../../translations/en.json";
import { LETTERS } from "../../ledger/frontend/stage";
import type { Desk, Question } from "./lesson";

const t = translator(en);
const FEWEST = 2;

const EMPTY: Question = { question: "", options: ["", "", "", ""], solution: [], several: false, explanation: "" };
const draft = signal<Question>(EMPTY);
const earlier = signal<readonly Question[] | null>(null);

interface Props {
  readonly desk: Desk;
  readonly onClose: () => void;
}

/** A question in a minute: text, two to six options, a tick at what is right. */
export function Editor({ desk, onClose }: Props) {
  const now = draft.value;
  async function save(open: boolean): Promise<void> {
    const used = now.options.filter((option) => option.trim() !== "");
    if (!(await desk.ask({ ...now, options: used }, open))) return;
    draft.value = EMPTY;
    onClose();
  }
  const isReady = now.question.trim() !== "" && now.options.slice(0, FEWEST).every((option) => option.trim() !== "");
  return (
    <section class="card">
      <form
        class="form form--wide"
        onSubmit={(event) => {
          event.preventDefault();
          void save(true);
        }}
      >
        <div class="card__head">
          <h2 class="card__title">{t("Soạn câu hỏi")}</h2>
          <Earlier desk={desk} />
        </div>
        <div class="field">
          <label class="field__label" for="question">
            {t("Câu hỏi")}
          </label>
          <textarea
            class="input"
            id="question"
            rows={2}
            maxLength={600}
            value={now.question}
            onInput={(event) => change({ question: event.currentTarget.value })}
          />
        </div>
        <Options />
        <div class="field">
          <label class="field__label" for="explanation">
            {t("Giải thích, hiện cùng đáp án")}
          </label>
          <input
            class="input"
            id="explanation"
            maxLength={600}
            value={now.explanation}
            onInput={(event) => change({ explanation: event.currentTarget.value })}
          />
        </div>
        <div class="form__actions">
          <button type="submit" class="btn btn--main" disabled={!isReady}>
            <Icon name="unlock" />
            {t("Mở ngay")}
          </button>
          <button type="button" class="btn" disabled={!isReady} onClick={() => void save(false)}>
            {t("Lưu vào danh sách")}
          </button>
          <button type="button" class="btn btn--quiet" onClick={onClose}>
            {t("Hủy")}
          </button>
        </div>
      </form>
    </section>
  );
}

function change(part: Partial<Question>): void {
  draft.value = { ...draft.value, ...part };
}

function Options() {
  const { options, solution, several } = draft.value;
  return (
    <fieldset class="fieldset">
      <legend>{t("Lựa chọn – đánh dấu đáp án đúng")}</legend>
      {options.map((option, place) => {
        const letter = LETTERS[place] ?? "";
        return (
          <div class="option" key={letter}>
            <label class="check">
              <input
                type={several ? "checkbox" : "radio"}
                name="solution"
                checked={solution.includes(letter)}
                onChange={() => choose(letter)}
                aria-label={t("{letter} là đáp án đúng", { letter })}
              />
              <b>{letter}</b>
            </label>
            <input
              class="input"
              aria-label={t("Lựa chọn {letter}", { letter })}
              maxLength={200}
              value={option}
              onInput={(event) => write(place, event.currentTarget.value)}
            />
          </div>
        );
      })}
      <div class="row">
        {options.length < LETTERS.length && (
          <button type="button" class="btn btn--quiet" onClick={() => change({ options: [...options, ""] })}>
            <Icon name="plus" />
            {t("Thêm lựa chọn")}
          </button>
        )}
        {options.length > FEWEST && (
          <button type="button" class="btn btn--quiet" onClick={dropLast}>
            <Icon name="trash" />
            {t("Bớt lựa chọn")}
          </button>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={several}
            onChange={(event) => change({ several: event.currentTarget.checked, solution: [] })}
          />
          {t("Có nhiều đáp án đúng")}
        </label>
      </div>
    </fieldset>
  );
}

function choose(letter: string): void {
  const { solution, several } = draft.value;
  if (!several) change({ solution: [letter] });
  else change({ solution: solution.includes(letter) ? solution.filter((one) => one !== letter) : [...solution, letter].sort() });
}

function write(place: number, text: string): void {
  change({ options: draft.value.options.map((option, index) => (index === place ? text : option)) });
}

function dropLast(): void {
  const { options, solution } = draft.value;
  const gone = LETTERS[options.length - 1] ?? "";
  change({ options: options.slice(0, -1), solution: solution.filter((letter) => letter !== gone) });
}

/** The teacher's own earlier questions, to ask one again or change it first. */
function Earlier({ desk }: { desk: Desk }) {
  const found = earlier.value;
  if (found === null) {
    return (
      <button type="button" class="btn btn--quiet" onClick={() => void desk.earlier().then((list) => (earlier.value = list))}>
        <Icon name="history" />
        {t("Câu đã hỏi")}
      </button>
    );
  }
  if (found.length === 0) return <span class="muted">{t("Chưa có câu nào đã hỏi")}</span>;
  return (
    <select
      class="input"
      aria-label={t("Câu đã hỏi")}
      onChange={(event) => {
        const question = found[Number(event.currentTarget.value)];
        if (question) draft.value = question;
      }}
    >
      <option value="">{t("Chọn câu đã hỏi…")}</option>
      {found.map((question, place) => (
        <option key={place} value={place}>
          {question.question}
        </option>
      ))}
    </select>
  );
}
