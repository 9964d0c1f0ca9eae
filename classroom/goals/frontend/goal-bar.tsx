import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import "./goals.css";

const t = translator(en);

export interface Goal {
  readonly kind: "" | "right" | "answered";
  readonly count: number;
}

/** How far the class has come together: a bar, a figure beside it, nobody's name. */
export function GoalBar({ goal }: { goal: Goal & { readonly reached: number } }) {
  const { kind, count, reached } = goal;
  const words = kind === "right" ? t("câu đúng") : t("câu trả lời");
  return (
    <div class="goal">
      <span>{t("Mục tiêu chung")}</span>
      <progress class="goal__bar" max={count} value={Math.min(reached, count)} aria-label={t("Mục tiêu chung")} />
      <span class="goal__count">
        <b>
          {reached} / {count}
        </b>{" "}
        {reached < count ? words : <Reached />}
      </span>
    </div>
  );
}

function Reached() {
  return (
    <b>
      <Icon name="done" /> {t("Cả lớp đã đạt!")}
    </b>
  );
}
