import { useState } from "preact/hooks";
import { Dialog, LetterChoice } from "./dialog";
import { type MarkValue, type Pupil, withLetter } from "./model";
import type { SheetStore } from "./store";
import { t } from "./words";

interface Props {
  readonly store: SheetStore;
  readonly pupil: Pupil;
  readonly onClose: () => void;
}

/** Everything that can be said of one pupil: letter, minutes, reason, note. Kept on this device at once, sent with the save. */
export function Details({ store, pupil, onClose }: Props) {
  const { codes } = store.data;
  const [value, setValue] = useState<MarkValue>(store.valueOf(pupil.id));
  const code = codes.find((found) => found.letter === value.letter);
  const change = (part: Partial<MarkValue>): void => setValue({ ...value, ...part });

  function keep(event: Event): void {
    event.preventDefault();
    void store.mark(pupil.id, withLetter(value, value.letter, codes));
    onClose();
  }

  return (
    <Dialog title={pupil.name} onClose={onClose}>
      <form class="dialog__body form" onSubmit={keep}>
        <LetterChoice letter={value.letter} codes={codes} onChoose={(letter) => change({ letter })} />
        {code?.isLate && <Minutes value={value.minutes_late} onChange={(minutes) => change({ minutes_late: minutes })} />}
        {code?.isEarlyLeave && <LeftAt value={value.left} onChange={(left) => change({ left })} />}
        {code && <Words id="reason" label={t("Lý do")} value={value.reason} onChange={(reason) => change({ reason })} />}
        {code && <Words id="note" label={t("Ghi chú")} value={value.note} onChange={(note) => change({ note })} />}
        <div class="form__actions">
          <button type="submit" class="btn btn--main">
            {t("Xong")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Minutes({ value, onChange }: { value: number | null; onChange: (minutes: number | null) => void }) {
  return (
    <div class="field">
      <label class="field__label" for="minutes">
        {t("Trễ mấy phút")}
      </label>
      <input
        class="input input--short"
        id="minutes"
        type="number"
        inputMode="numeric"
        min="0"
        max="600"
        value={value ?? ""}
        onInput={(event) => onChange(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}
      />
    </div>
  );
}

function LeftAt({ value, onChange }: { value: string | null; onChange: (left: string | null) => void }) {
  return (
    <div class="field">
      <label class="field__label" for="left">
        {t("Về lúc")}
      </label>
      <input
        class="input input--short"
        id="left"
        type="time"
        value={value ?? ""}
        onInput={(event) => onChange(event.currentTarget.value || null)}
      />
    </div>
  );
}

export function Words({ id, label, value, required = false, onChange }: { id: string; label: string; value: string; required?: boolean; onChange: (text: string) => void }) {
  return (
    <div class="field">
      <label class="field__label" for={id}>
        {label}
      </label>
      <input class="input" id={id} type="text" maxLength={200} required={required} value={value} onInput={(event) => onChange(event.currentTarget.value)} />
    </div>
  );
}
