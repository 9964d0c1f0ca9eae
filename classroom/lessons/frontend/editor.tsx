import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Desk, Earlier, PlanRow } from "./lesson";

const t = translator(en);

const draft = signal("");
const earlier = signal<readonly Earlier[] | null>(null);
const plans = signal<readonly PlanRow[] | null>(null);

interface Props {
  readonly desk: Desk;
  readonly onClose: () => void;
}

/** Questions in a minute: typed or pasted as text, of every kind; what cannot be read is said by the server. */
export function Editor({ desk, onClose }: Props) {
  async function save(open: boolean): Promise<void> {
    if (!(await desk.paste(draft.value, open))) return;
    draft.value = "";
    onClose();
  }
  const isReady = draft.value.trim() !== "";
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
          <EarlierQuestions desk={desk} />
        </div>
        <div class="field">
          <label class="field__label" for="question-text">
            {t("Câu hỏi và các lựa chọn")}
          </label>
          <p class="field__hint" id="question-hint">
            {t("Mỗi lựa chọn một dòng A. B. C.; dấu * trước đáp án đúng. Dán được nhiều câu từ Word.")}
          </p>
          <textarea
            class="input"
            id="question-text"
            aria-describedby="question-hint"
            rows={8}
            maxLength={20000}
            spellcheck={false}
            value={draft.value}
            onInput={(event) => (draft.value = event.currentTarget.value)}
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

/** The teacher's own earlier questions, to ask one again or change it first. */
function EarlierQuestions({ desk }: { desk: Desk }) {
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
        const chosen = found[Number(event.currentTarget.value)];
        if (chosen) draft.value = chosen.text;
      }}
    >
      <option value="">{t("Chọn câu đã hỏi…")}</option>
      {found.map(({ question }, place) => (
        <option key={place} value={place}>
          {question}
        </option>
      ))}
    </select>
  );
}

/** Takes all questions of a prepared plan into the lesson. */
export function TakePlan({ desk }: { desk: Desk }) {
  const found = plans.value;
  if (found === null) {
    return (
      <button type="button" class="btn" onClick={() => void desk.plans().then((list) => (plans.value = list))}>
        <Icon name="list" />
        {t("Lấy từ kế hoạch")}
      </button>
    );
  }
  if (found.length === 0) return <span class="muted">{t("Chưa có kế hoạch nào")}</span>;
  return (
    <select
      class="input input--short"
      aria-label={t("Lấy từ kế hoạch")}
      onChange={(event) => {
        const plan = Number(event.currentTarget.value);
        if (plan) void desk.takePlan(plan).then((taken) => taken && (plans.value = null));
      }}
    >
      <option value="">{t("Chọn kế hoạch…")}</option>
      {found.map((plan) => (
        <option key={plan.id} value={plan.id}>
          {plan.title} ({plan.questions})
        </option>
      ))}
    </select>
  );
}
