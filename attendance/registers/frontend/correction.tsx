import { Icon } from "@app/icon";
import { useState } from "preact/hooks";
import { Words } from "./details";
import { Dialog, LetterChoice } from "./dialog";
import type { Pupil } from "./model";
import type { SheetStore } from "./store";
import { t } from "./words";

interface Props {
  readonly store: SheetStore;
  readonly pupil: Pupil;
  readonly onClose: () => void;
}

/** The office corrects one pupil, with a reason. What the teacher wrote stays beside it. */
export function CorrectionDialog({ store, pupil, onClose }: Props) {
  const { codes } = store.data;
  const [letter, setLetter] = useState(store.letterOf(pupil.id));
  const [why, setWhy] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  async function keep(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const wrong = await store.correct({ pupil: pupil.id, letter, why });
    setBusy(false);
    if (wrong === "") onClose();
    else setProblem(wrong);
  }

  return (
    <Dialog title={pupil.name} onClose={onClose}>
      <form class="dialog__body form" onSubmit={(event) => void keep(event)}>
        <p>{t("Giáo viên ghi: {letter}", { letter: store.valueOf(pupil.id).letter || t("có mặt") })}</p>
        <LetterChoice letter={letter} codes={codes} onChoose={setLetter} />
        <Words id="why" label={t("Lý do sửa (bắt buộc)")} value={why} required onChange={setWhy} />
        {problem !== "" && (
          <p class="field__error" role="alert">
            <Icon name="error" />
            <span>{problem}</span>
          </p>
        )}
        <div class="form__actions">
          <button type="submit" class="btn btn--main" disabled={busy}>
            {t("Lưu sửa đổi")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
