import { Icon } from "@app/icon";
import { useRef } from "preact/hooks";
import { nameParts, nextLetter, type Pupil, withLetter } from "./model";
import type { SheetStore } from "./store";
import { t } from "./words";

interface Props {
  readonly store: SheetStore;
  readonly onDetails: (pupil: Pupil) => void;
  readonly mayTap: boolean;
  readonly mayOpen: boolean;
}

const LONG_PRESS = 450;

/** The class as tiles: a tap goes through the letters, a long press opens the details, the keyboard does both. */
export function Tiles({ store, onDetails, mayTap, mayOpen }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const { pupils, codes } = store.data;

  function setLetter(pupil: Pupil, letter: string): void {
    if (mayTap) void store.mark(pupil.id, withLetter(store.valueOf(pupil.id), letter, codes));
  }

  function onKeyDown(event: KeyboardEvent, index: number, pupil: Pupil): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const letter = codes.find((code) => code.letter.toLowerCase() === event.key.toLowerCase())?.letter;
    if (letter !== undefined) setLetter(pupil, letter);
    else if (event.key === "Delete" || event.key === "Backspace") setLetter(pupil, "");
    else if (event.key === "Enter" && event.shiftKey && mayOpen) onDetails(pupil);
    else if (event.key === "Enter" && mayTap) focus(index + 1);
    else if (event.key in STEPS) focus(index + (STEPS[event.key] ?? 0) * (isVertical(event.key) ? columns() : 1));
    else return;
    event.preventDefault();
  }

  function tiles(): HTMLElement[] {
    return [...(grid.current?.querySelectorAll<HTMLElement>(".tile") ?? [])];
  }

  function focus(index: number): void {
    const all = tiles();
    all[Math.max(0, Math.min(all.length - 1, index))]?.focus();
  }

  /** How many tiles stand side by side now: the layout decides, not we. */
  function columns(): number {
    const tops = tiles().map((tile) => tile.getBoundingClientRect().top);
    const others = tops.findIndex((top) => top > (tops[0] ?? 0) + 1);
    return others < 0 ? Math.max(1, tops.length) : others;
  }

  return (
    <div class="tiles sheet-tiles" ref={grid} role="group" aria-label={t("Danh sách lớp")}>
      {pupils.map((pupil, index) => (
        <Tile
          key={pupil.id}
          store={store}
          pupil={pupil}
          mayOpen={mayOpen}
          onTap={() => (mayTap ? setLetter(pupil, nextLetter(store.valueOf(pupil.id).letter, codes)) : onDetails(pupil))}
          onDetails={() => onDetails(pupil)}
          onKeyDown={(event) => onKeyDown(event, index, pupil)}
        />
      ))}
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };

function isVertical(key: string): boolean {
  return key === "ArrowDown" || key === "ArrowUp";
}

interface TileProps {
  readonly store: SheetStore;
  readonly pupil: Pupil;
  readonly mayOpen: boolean;
  readonly onTap: () => void;
  readonly onDetails: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Tile({ store, pupil, mayOpen, onTap, onDetails, onKeyDown }: TileProps) {
  const press = usePress(onTap, onDetails, mayOpen);
  const letter = store.letterOf(pupil.id);
  const code = store.data.codes.find((found) => found.letter === letter);
  const [before, given] = nameParts(pupil.name);
  return (
      <button
        type="button"
        class={store.isDraft(pupil.id) ? "tile sheet-tile is-draft" : "tile sheet-tile"}
        data-mark={letter || undefined}
        disabled={!mayOpen}
        onKeyDown={onKeyDown}
        {...press}
      >
        <span class="tile__no">{pupil.number}</span>
        <span class="tile__name">
          {before} <b>{given}</b>
          <Notes store={store} pupil={pupil} />
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
          <Icon name="edit" /> {t("{name} đang ghi {letter}", { name: other.name, letter: other.letter || t("có mặt") })}
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
