import { Icon } from "@app/icon";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Code, isOffered } from "./model";
import { t } from "./words";

/** A dialog that is open as long as it is shown; Escape and the button close it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog class="dialog" ref={element} aria-label={title} onClose={onClose}>
      <div class="dialog__head">
        <h2>{title}</h2>
        <button type="button" class="btn btn--quiet btn--icon" onClick={onClose}>
          <Icon name="close" label={t("Đóng")} />
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** Present or one of the letters, as a group of buttons. */
export function LetterChoice({ letter, codes, onChoose }: { letter: string; codes: readonly Code[]; onChoose: (letter: string) => void }) {
  return (
    <div class="btn-group sheet-letters" role="group" aria-label={t("Ký hiệu")}>
      <button type="button" class="btn" aria-pressed={letter === ""} onClick={() => onChoose("")}>
        {t("Có mặt")}
      </button>
      {codes.filter((code) => isOffered(code) || code.letter === letter).map((code) => (
        <button key={code.letter} type="button" class="btn" aria-pressed={letter === code.letter} onClick={() => onChoose(code.letter)}>
          <b>{code.letter}</b> {code.name}
        </button>
      ))}
    </div>
  );
}
