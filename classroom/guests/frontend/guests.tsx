import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Desk } from "../../lessons/frontend/lesson";

const t = translator(en);

/** Whether guests may come in, who they are, and the door. */
export function Guests({ desk }: { desk: Desk }) {
  const { lesson, guests } = desk.lesson.value;
  const inside = Object.entries(guests).filter(([, guest]) => !guest.out);
  return (
    <details class="disclosure">
      <summary>
        <Icon name="right" />
        {t("Khách dự giờ")} {inside.length > 0 && <span class="badge">{inside.length}</span>}
      </summary>
      <div class="stack">
        <label class="check">
          <input type="checkbox" checked={lesson.takes_guests} onChange={() => void desk.turn("takes_guests", !lesson.takes_guests)} />
          {t("Cho khách vào bằng biệt danh")}
        </label>
        <p class="muted small">{t("Khách trả lời riêng, không tính vào kết quả của lớp.")}</p>
        {inside.length > 0 && (
          <ul class="list">
            {inside.map(([id, guest]) => (
              <li key={id}>
                <span class="list__main">{guest.name}</span>
                <button type="button" class="btn btn--quiet" onClick={() => void desk.send("guest_out", { guest: Number(id) })} aria-label={t("Mời ra: {name}", { name: guest.name })}>
                  {t("Mời ra")}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}
