import { signal } from "@preact/signals";
import { request } from "@app/api";
import { translator } from "@app/i18n";
import { islandData, mount } from "@app/island";
import { en, english } from "../../ledger/frontend/english";
import "../../ledger/frontend/inputs.css";
import type { Activity } from "../../ledger/frontend/stage";
import { type Answers, OnStage } from "../../seats/frontend/answer";

const t = translator(en);

interface Island {
  /** Where an answer is marked; nothing is stored. */
  readonly answer: string;
  readonly questions: readonly Omit<Activity, "id" | "phase" | "round" | "opened_at" | "closes_at" | "paused_at">[];
}

interface Marked {
  readonly answer: readonly string[];
  readonly share: number | null;
  readonly solution: readonly string[];
  readonly explanation: string;
  readonly tolerance?: string;
}

const island = islandData<Island>("try-data");
const place = signal(0);
const marked = signal<Marked | null>(null);
const refusal = signal("");

async function mark(number: number, answer: readonly string[]): Promise<void> {
  const result = await request<Marked>(island.answer, { body: { number, answer } });
  refusal.value = result.ok ? "" : result.message;
  if (result.ok) marked.value = result.value;
}

const answers: Answers = {
  chosen: () => marked.value?.answer ?? [],
  saved: () => "nothing",
  isLate: () => false,
  share: () => marked.value?.share ?? null,
  give: (activity, answer) => mark(activity.id, answer),
  refusal,
};

function go(to: number): void {
  marked.value = null;
  refusal.value = "";
  place.value = to;
}

function Try() {
  const now = island.questions[place.value];
  if (!now) return null;
  const { solution, explanation, tolerance } = marked.value ?? {};
  const activity: Activity = {
    ...now,
    id: place.value + 1,
    phase: marked.value ? "revealed" : "open",
    round: 1,
    opened_at: null,
    closes_at: null,
    paused_at: null,
    ...(solution ? { solution } : {}),
    ...(explanation ? { explanation } : {}),
    ...(tolerance ? { tolerance } : {}),
  };
  return (
    <>
      <p class="muted">{t("Câu {n} trên {total} · câu trả lời không được lưu", { n: place.value + 1, total: island.questions.length })}</p>
      <OnStage stage={{ seq: 0, state: "running", activity }} answers={answers} />
      <div class="row row--spread">
        <button type="button" class="btn" disabled={place.value === 0} onClick={() => go(place.value - 1)}>
          {t("Câu trước")}
        </button>
        <button type="button" class="btn btn--main" disabled={place.value + 1 >= island.questions.length} onClick={() => go(place.value + 1)}>
          {t("Câu sau")}
        </button>
      </div>
    </>
  );
}

void english().then(() => mount("try", <Try />));
