import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Desk, Lesson } from "../../lessons/frontend/lesson";
import { GoalBar } from "./goal-bar";

const t = translator(en);

const kind = signal<"right" | "answered">("right");
const count = signal<number | null>(null);

/** What the class reaches together, and the leaderboard: both off until the teacher wants them. */
export function Goals({ desk }: { desk: Desk }) {
  const lesson = desk.lesson.value;
  const { goal } = lesson;
  const isSet = goal.kind !== "";
  const wanted = count.value ?? proposed(lesson);
  const set = (event: Event) => {
    event.preventDefault();
    void desk.send("goal_set", { kind: kind.value, count: wanted });
  };
  return (
    <details class="disclosure">
      <summary>
        <Icon name="right" />
        {t("Mục tiêu chung, bảng xếp hạng")}{" "}
        {isSet && (
          <span class="badge">
            {reachedBy(lesson)} / {goal.count}
          </span>
        )}
      </summary>
      <div class="stack">
        {isSet && <GoalBar goal={{ ...goal, reached: reachedBy(lesson) }} />}
        <form class="console__form" onSubmit={set}>
          <label class="field">
            <span class="field__label">{t("Cả lớp cùng đạt")}</span>
            <select class="input" value={kind.value} onChange={(event) => (kind.value = event.currentTarget.value as "right" | "answered")}>
              <option value="right">{t("số câu trả lời đúng")}</option>
              <option value="answered">{t("số câu trả lời")}</option>
            </select>
          </label>
          <label class="field">
            <span class="field__label">{t("Mục tiêu")}</span>
            <input
              class="input input--short"
              type="number"
              min={1}
              max={9999}
              required
              value={wanted}
              onInput={(event) => (count.value = event.currentTarget.valueAsNumber || null)}
            />
          </label>
          <button type="submit" class="btn">
            {isSet ? t("Đổi mục tiêu") : t("Đặt mục tiêu")}
          </button>
          {isSet && (
            <button type="button" class="btn btn--quiet" onClick={() => void desk.send("goal_set", { kind: "", count: 0 })}>
              {t("Bỏ mục tiêu")}
            </button>
          )}
        </form>
        <p class="muted small">{t("Màn hình chiếu hiện một thanh, không có tên em nào. Câu trả lời đúng được tính khi đáp án đã hiện.")}</p>
        <label class="check">
          <input type="checkbox" checked={lesson.lesson.board} onChange={() => void desk.turn("board", !lesson.lesson.board)} />
          {t("Chiếu bảng xếp hạng")}
        </label>
        <p class="muted small">{t("Năm hạng đầu, theo tên gọi, cạnh đáp án của mỗi câu. Chỉ tính câu đã hiện đáp án; máy của các em không hiện.")}</p>
      </div>
    </details>
  );
}

/** Two in three of what is possible: of who joined, in the questions that there are. */
function proposed(lesson: Lesson): number {
  const joined = Object.values(lesson.pupils).filter((pupil) => pupil.joined !== null).length;
  const questions = Object.keys(lesson.activities).length;
  return Math.max(10, Math.ceil((2 * joined * Math.max(3, questions)) / 3));
}

/** How far the class has come; the projector is told the same by the server (classroom/goals/queries.py). */
export function reachedBy(lesson: Lesson): number {
  const counted = new Set<string>();
  for (const [key, given] of Object.entries(lesson.answers)) {
    const [activity = "", round, pupil] = key.split(":");
    const asked = lesson.activities[activity];
    const isCounted = lesson.goal.kind === "answered" || (asked?.phase === "revealed" && String(asked.round) === round && given.right === true);
    if (!given.late && isCounted) counted.add(`${activity}:${pupil}`);
  }
  return counted.size;
}
