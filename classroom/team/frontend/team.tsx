import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Desk } from "../../lessons/frontend/lesson";

const t = translator(en);

interface Colleague {
  readonly id: number;
  readonly name: string;
}

const colleagues = signal<readonly Colleague[] | null>(null);
const chosen = signal("");

/** Who leads the lesson; its owner adds colleagues, takes them out, or hands the lesson over. */
export function Team({ desk, me }: { desk: Desk; me: number }) {
  const { teachers } = desk.lesson.value;
  const isOwner = teachers.some((one) => one.owner && one.id === me);
  async function look(): Promise<void> {
    const result = await desk.send<{ colleagues: readonly Colleague[] }>("team_colleagues", {});
    if (result.ok) colleagues.value = result.value.colleagues;
  }
  async function act(event: string, user: number): Promise<void> {
    await desk.send(event, { user });
    chosen.value = "";
    if (event !== "team_hand_over") await look();
  }
  return (
    <details class="disclosure" onToggle={(event) => isOwner && (event.currentTarget as HTMLDetailsElement).open && void look()}>
      <summary>
        <Icon name="right" />
        {t("Giáo viên cùng dạy")} {teachers.length > 1 && <span class="badge">{teachers.length}</span>}
      </summary>
      <ul class="list">
        {teachers.map((one) => (
          <li key={one.id}>
            <span class="list__main">
              {one.name} {one.owner && <span class="badge">{t("chủ tiết học")}</span>}
            </span>
            {isOwner && !one.owner && (
              <>
                <button type="button" class="btn btn--quiet" onClick={() => void act("team_hand_over", one.id)}>
                  {t("Giao tiết học")}
                </button>
                <button type="button" class="btn btn--quiet" onClick={() => void act("team_remove", one.id)} aria-label={t("Bớt {name}", { name: one.name })}>
                  {t("Bớt")}
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      {isOwner && colleagues.value && colleagues.value.length === 0 && <p class="muted">{t("Không còn đồng nghiệp nào để thêm.")}</p>}
      {isOwner && colleagues.value && colleagues.value.length > 0 && (
        <div class="console__form">
          <label class="field">
            <span class="field__label">{t("Thêm đồng nghiệp cùng trường")}</span>
            <select class="input" value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
              <option value="">{t("Chọn…")}</option>
              {colleagues.value.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="btn" disabled={!chosen.value} onClick={() => void act("team_add", Number(chosen.value))}>
            <Icon name="plus" />
            {t("Thêm")}
          </button>
        </div>
      )}
    </details>
  );
}
