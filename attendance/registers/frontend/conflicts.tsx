import { formatTime } from "@app/i18n";
import { Icon } from "@app/icon";
import type { Conflict, MarkValue } from "./model";
import type { SheetStore } from "./store";
import { t } from "./words";

/** Two people said different things of one pupil: both values side by side, one tap decides. */
export function Conflicts({ store }: { store: SheetStore }) {
  const found = store.conflicts.value;
  if (found.length === 0) return null;
  return (
    <div class="alert tone-warn" role="alert">
      <Icon name="warning" />
      <div class="alert__body">
        <p class="alert__title">{t("Có người vừa ghi khác bạn. Hãy chọn một.")}</p>
        {found.map((conflict) => (
          <One key={conflict.operation} store={store} conflict={conflict} />
        ))}
      </div>
    </div>
  );
}

function One({ store, conflict }: { store: SheetStore; conflict: Conflict }) {
  const name = store.data.pupils.find((pupil) => pupil.id === conflict.pupil)?.name ?? "";
  if (conflict.refusal === "not_in_class") {
    return (
      <div class="sheet-conflict">
        <p>{t("Học sinh này không còn trong lớp nên không ghi được.")}</p>
        <button type="button" class="btn" onClick={() => void store.settle(conflict, false)}>
          {t("Bỏ dấu này")}
        </button>
      </div>
    );
  }
  return (
    <div class="sheet-conflict">
      <p>
        <b>{name}</b>
      </p>
      <div class="row">
        <button type="button" class="btn" onClick={() => void store.settle(conflict, true)}>
          {t("Bạn ghi: {value}", { value: words(store, conflict.yours) })}
        </button>
        <button type="button" class="btn" onClick={() => void store.settle(conflict, false)}>
          {theirs(store, conflict)}
        </button>
      </div>
    </div>
  );
}

function theirs(store: SheetStore, conflict: Conflict): string {
  const name = conflict.by || t("Người khác");
  const value = words(store, conflict.current);
  if (conflict.at === null) return t("{name} ghi: {value}", { name, value });
  return t("{name} ghi lúc {time}: {value}", { name, time: formatTime(new Date(conflict.at)), value });
}

function words(store: SheetStore, value: MarkValue): string {
  const code = store.data.codes.find((found) => found.letter === value.letter);
  const what = code ? `${code.letter} – ${code.name}` : t("có mặt");
  return [what, value.reason].filter(Boolean).join(", ");
}
