import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Activity } from "../../ledger/frontend/stage";

const t = translator(en);

/** Whether this pupil wants the slides on the own device; off until a tap, so that the page stays light. */
const wants = signal(false);

/** A slide on a pupil's device: its text for all, its picture for those who ask for it. */
export function OnDevice({ activity }: { activity: Activity }) {
  return (
    <section class="stack">
      <h1 class="question">{t("Thầy cô đang chiếu trang {n}", { n: activity.page ?? 1 })}</h1>
      {wants.value ? (
        <img src={`/j/slide?slide=${activity.id}`} alt={activity.question || t("Trang chiếu {n}", { n: activity.page ?? 1 })} width={640} height={Math.round((640 * (activity.high ?? 1152)) / 2048)} />
      ) : (
        <p class="muted">{t("Em nhìn lên màn hình của lớp.")}</p>
      )}
      <button type="button" class="btn" aria-pressed={wants.value} onClick={() => (wants.value = !wants.value)}>
        <Icon name={wants.value ? "eye-off" : "eye"} />
        {wants.value ? t("Thôi xem trên máy") : t("Xem trên máy")}
      </button>
    </section>
  );
}
