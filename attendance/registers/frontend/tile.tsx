import { Icon } from "@app/icon";
import { useRef } from "preact/hooks";
import { nameParts, type Pupil, shortName } from "./model";
import { photos } from "./photos";
import type { SheetStore } from "./store";
import { t } from "./words";

const LONG_PRESS = 450;

interface TileProps {
  readonly store: SheetStore;
  readonly pupil: Pupil;
  readonly mayOpen: boolean;
  /** In the room a tile is narrow: the last two names, a sign that there is more, the letter. */
  readonly isNarrow?: boolean;
  /** Whether the Tab key stops here; arrows reach the others. */
  readonly isStop: boolean;
  readonly onFocus: () => void;
  readonly onTap: () => void;
  readonly onDetails: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** A pupil to tap: one tap goes through the letters, a long press opens the details. */
export function Tile({ store, pupil, mayOpen, isNarrow = false, isStop, onFocus, onTap, onDetails, onKeyDown }: TileProps) {
  const press = usePress(onTap, onDetails, mayOpen);
  const letter = store.letterOf(pupil.id);
  const code = store.data.codes.find((found) => found.letter === letter);
  const [before, given] = nameParts(isNarrow ? shortName(pupil.name) : pupil.name);
  const face = photos.value[String(pupil.id)];
  const looks = ["tile", "sheet-tile", store.isDraft(pupil.id) ? "is-draft" : "", isNarrow ? "sheet-seat" : "", face ? "has-face" : ""];
  return (
      <button
        type="button"
        class={looks.filter(Boolean).join(" ")}
        data-pupil={pupil.id}
        title={isNarrow ? pupil.name : undefined}
        data-mark={letter || undefined}
        disabled={!mayOpen}
        tabIndex={isStop ? 0 : -1}
        onFocus={onFocus}
        onKeyDown={onKeyDown}
        {...press}
      >
        {!isNarrow && <span class="tile__no">{pupil.number}</span>}
        {face && <img class="sheet-face" src={face} alt="" width={36} height={48} />}
        <span class="tile__name">
          {before} <b>{given}</b>
          {isNarrow ? <Sign store={store} pupil={pupil} /> : <Notes store={store} pupil={pupil} />}
        </span>
        {code && (
          <span class="mark" data-mark={letter}>
            {letter}
            <span class="visually-hidden"> {code.name}</span>
          </span>
        )}
      </button>
  );
}

/** That there is more to read of a pupil than a seat has room for; the details say what. */
function Sign({ store, pupil }: { store: SheetStore; pupil: Pupil }) {
  if (store.othersOn(pupil.id).length > 0) return <Icon name="edit" label={t("người khác đang ghi")} />;
  if (store.valueOf(pupil.id).letter !== "" && store.data.excused[String(pupil.id)]) return <Icon name="file" label={t("có đơn đã duyệt")} />;
  if ((store.markOf(pupil.id)?.office ?? null) !== null) return <Icon name="check" label={t("văn phòng đã sửa")} />;
  if (store.suggestionsOf(pupil.id).length > 0) return <Icon name="info" label={t("có gợi ý")} />;
  return null;
}

/** What stands below a name: the details of the mark, the office's correction, what was seen of the pupil. */
function Notes({ store, pupil }: { store: SheetStore; pupil: Pupil }) {
  const value = store.valueOf(pupil.id);
  const office = store.markOf(pupil.id)?.office ?? null;
  const said = [value.minutes_late === null ? "" : t("trễ {n} phút", { n: value.minutes_late }), value.reason, value.note];
  const details = said.filter(Boolean).join(" · ");
  const seen = store.suggestionsOf(pupil.id);
  const excuse = value.letter === "" ? undefined : store.data.excused[String(pupil.id)];
  return (
    <>
      {details && <span class="tile__note">{details}</span>}
      {office !== null && (
        <span class="tile__note">
          {t("Văn phòng đã sửa; giáo viên ghi: {letter}", { letter: value.letter || t("có mặt") })}
        </span>
      )}
      {excuse !== undefined && (
        <span class="tile__note sheet-seen">
          <Icon name="file" /> {t("có đơn đã duyệt: {reason}", { reason: excuse })}
        </span>
      )}
      {store.othersOn(pupil.id).map((other) => (
        <span class="tile__note sheet-other" key={other.name}>
          <Icon name="edit" /> {t("{name} đang ghi {letter}", { name: shortName(other.name), letter: other.letter || t("có mặt") })}
        </span>
      ))}
      {seen.map((one) => (
        <span class="tile__note sheet-seen" key={one.kind}>
          <Icon name="info" /> {one.words}
        </span>
      ))}
    </>
  );
}

/** A tap, or a long press that is not also a tap. Works for finger, mouse and pen alike; the keyboard's click is a tap. */
function usePress(onTap: () => void, onLong: () => void, enabled: boolean) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const wasLong = useRef(false);
  const stop = (): void => clearTimeout(timer.current);
  return {
    onPointerDown: () => {
      wasLong.current = false;
      stop();
      timer.current = setTimeout(() => {
        wasLong.current = true;
        if (enabled) onLong();
      }, LONG_PRESS);
    },
    onPointerUp: stop,
    onPointerLeave: stop,
    onPointerCancel: stop,
    onContextMenu: (event: Event) => event.preventDefault(),
    onClick: () => {
      if (!wasLong.current) onTap();
      wasLong.current = false;
    },
  };
}
