import { signal } from "@preact/signals";
import { newId } from "@app/outbox";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Desk } from "../../lessons/frontend/lesson";

const t = translator(en);

type How = "random" | "seats" | "mixed";

const how = signal<How>("random");
const size = signal(4);
const pair = signal<readonly [string, string]>(["", ""]);

/** Dividing the class: by chance, by seat, mixed by results; and who is kept apart. */
export function Groups({ desk }: { desk: Desk }) {
  const { lesson, groups, pupils } = desk.lesson.value;
  const together = (groups ?? []).flatMap((group) => desk.lesson.value.apart.filter((two) => two.every((one) => group.includes(one))));
  return (
    <details class="disclosure">
      <summary>
        <Icon name="right" />
        {t("Chia nhóm")} {groups && <span class="badge">{t("{n} nhóm", { n: groups.length })}</span>}
      </summary>
      <div class="stack">
        <div class="console__form">
          <label class="field">
            <span class="field__label">{t("Chia theo")}</span>
            <select class="input" value={how.value} onChange={(event) => (how.value = event.currentTarget.value as How)}>
              <option value="random">{t("Ngẫu nhiên")}</option>
              <option value="seats">{t("Chỗ ngồi gần nhau")}</option>
              <option value="mixed">{t("Trộn theo kết quả")}</option>
            </select>
          </label>
          <label class="field">
            <span class="field__label">{t("Số em mỗi nhóm")}</span>
            <select class="input input--short" value={size.value} onChange={(event) => (size.value = Number(event.currentTarget.value))}>
              {[2, 3, 4, 5, 6, 8, 10].map((n) => (
                <option key={n}>{n}</option>
              ))}
            </select>
          </label>
          <button type="button" class="btn" onClick={() => void desk.send("groups_make", { op_id: newId(), how: how.value, size: size.value })}>
            <Icon name="users" />
            {groups ? t("Chia lại") : t("Chia nhóm")}
          </button>
        </div>
        {groups && (
          <label class="check">
            <input type="checkbox" checked={lesson.groups} onChange={() => void desk.turn("groups", !lesson.groups)} />
            {lesson.names ? t("Chiếu nhóm, có tên gọi") : t("Chiếu nhóm, theo số thứ tự")}
          </label>
        )}
        {together.length > 0 && <p class="status-strip tone-warn">{t("Chưa tách được hết các cặp. Hãy chia nhóm nhỏ hơn.")}</p>}
        {groups && (
          <ol class="groups">
            {groups.map((group, place) => (
              <li key={place}>
                <b>{t("Nhóm {n}", { n: place + 1 })}</b>
                {group.map((pupil) => (
                  <span key={pupil}>{pupils[pupil]?.name}</span>
                ))}
              </li>
            ))}
          </ol>
        )}
        <Apart desk={desk} />
      </div>
    </details>
  );
}

/** Pairs that no division puts together; kept for the class, seen by its teachers alone. */
function Apart({ desk }: { desk: Desk }) {
  const { apart, pupils } = desk.lesson.value;
  const name = (id: number) => pupils[id]?.name ?? "";
  const keep = (one: number, other: number, on: boolean) => void desk.send("groups_apart", { one, other, apart: on });
  const [first, second] = pair.value;
  return (
    <div class="stack stack--tight">
      <h3>{t("Không xếp cùng nhóm")}</h3>
      <p class="muted small">{t("Lớp nhớ cho những tiết sau. Học sinh không thấy.")}</p>
      {apart.length > 0 && (
        <ul class="list">
          {apart.map(([one, other]) => (
            <li key={`${one}-${other}`}>
              <span class="list__main">
                {name(one)} – {name(other)}
              </span>
              <button type="button" class="btn btn--quiet" onClick={() => keep(one, other, false)} aria-label={t("Bỏ: {one} và {other} được cùng nhóm", { one: name(one), other: name(other) })}>
                {t("Bỏ")}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="console__form">
        <Choose desk={desk} label={t("Em thứ nhất")} value={first} onChoose={(id) => (pair.value = [id, second])} />
        <Choose desk={desk} label={t("Em thứ hai")} value={second} onChoose={(id) => (pair.value = [first, id])} />
        <button
          type="button"
          class="btn"
          disabled={!first || !second || first === second}
          onClick={() => {
            keep(Number(first), Number(second), true);
            pair.value = ["", ""];
          }}
        >
          {t("Tách hai em")}
        </button>
      </div>
    </div>
  );
}

function Choose({ desk, label, value, onChoose }: { desk: Desk; label: string; value: string; onChoose: (id: string) => void }) {
  const all = Object.entries(desk.lesson.value.pupils).sort(([, one], [, other]) => one.no - other.no);
  return (
    <label class="field">
      <span class="field__label">{label}</span>
      <select class="input" value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{t("Chọn…")}</option>
        {all.map(([id, pupil]) => (
          <option key={id} value={id}>
            {pupil.no}. {pupil.name}
          </option>
        ))}
      </select>
    </label>
  );
}
