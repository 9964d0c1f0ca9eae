import { useEffect, useRef, useState } from "preact/hooks";
import { isOffered, nextLetter, type Pupil, withLetter } from "./model";
import { next, type Step, stepOf } from "./room";
import type { SheetStore } from "./store";
import { Tile } from "./tile";
import { t } from "./words";

interface Props {
  readonly store: SheetStore;
  readonly onDetails: (pupil: Pupil) => void;
  readonly mayTap: boolean;
  readonly mayOpen: boolean;
}

/** The class as tiles: a tap goes through the letters, a long press opens the details, the keyboard does both. */
export function Tiles(props: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const tile = useTile(props, grid);
  return (
    <div class="tiles sheet-tiles" ref={grid} role="group" aria-label={t("Danh sách lớp")}>
      {props.store.data.pupils.map((pupil) => tile(pupil))}
    </div>
  );
}

/** The class as it sits, the board on top; who has no seat stands below. The same taps and keys as in the list. */
export function Room(props: Props) {
  const room = useRef<HTMLDivElement>(null);
  const tile = useTile(props, room, true);
  const { pupils, seats } = props.store.data;
  if (!seats) return null;
  const byPlace = new Map(seats.places.map(([pupil, row, column]) => [`${row},${column}`, pupil]));
  const seated = new Set(byPlace.values());
  const waiting = pupils.filter((pupil) => !seated.has(pupil.id));
  return (
    <div class="stack" ref={room} role="group" aria-label={t("Sơ đồ lớp")}>
      <div class="sheet-room" tabIndex={-1}>
        <p class="sheet-board" style={{ gridColumn: `1 / span ${seats.columns}` }}>
          {t("Bảng")}
        </p>
        {places(seats.rows, seats.columns).map(([row, column]) => {
          const pupil = pupils.find((one) => one.id === byPlace.get(`${row},${column}`));
          const place = { gridColumn: column + 1, gridRow: row + 2 };
          return (
            <div key={`${row},${column}`} class={pupil ? "sheet-place" : "sheet-place is-empty"} style={place}>
              {pupil && tile(pupil)}
            </div>
          );
        })}
      </div>
      {waiting.length > 0 && (
        <>
          <h2 class="sheet-standing">{t("Chưa có chỗ ngồi: {n} em", { n: waiting.length })}</h2>
          <div class="sheet-room sheet-room--rest">{waiting.map((pupil) => tile(pupil))}</div>
        </>
      )}
    </div>
  );
}

function places(rows: number, columns: number): readonly (readonly [number, number])[] {
  return Array.from({ length: rows * columns }, (_, n) => [Math.floor(n / columns), n % columns] as const);
}

/**
 * How a pupil's tile is drawn inside `area`, with what taps and keys do to it; arrows go where the eye sees tiles. For
 * the Tab key the class is one stop, where one was last: the button that sends is the next, not the forty-sixth.
 */
function useTile({ store, onDetails, mayTap, mayOpen }: Props, area: { current: HTMLElement | null }, isNarrow = false) {
  const { codes, pupils } = store.data;
  const [reached, setReached] = useState(pupils[0]?.id);

  useEffect(() => enterByArrow(area), [area]);

  function setLetter(pupil: Pupil, letter: string): void {
    if (mayTap) void store.mark(pupil.id, withLetter(store.valueOf(pupil.id), letter, codes));
  }

  function go(from: EventTarget | null, step: Step): void {
    const tiles = [...(area.current?.querySelectorAll<HTMLElement>(".tile") ?? [])];
    const at = tiles.findIndex((one) => one === from);
    if (at >= 0) tiles[next(tiles.map((one) => one.getBoundingClientRect()), at, step)]?.focus();
  }

  function onKeyDown(event: KeyboardEvent, pupil: Pupil): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const letter = codes.filter(isOffered).find((code) => code.letter.toLowerCase() === event.key.toLowerCase())?.letter;
    const step = stepOf(event.key);
    if (letter !== undefined) setLetter(pupil, letter);
    else if (event.key === "Delete" || event.key === "Backspace") setLetter(pupil, "");
    else if (event.key === "Enter" && event.shiftKey && mayOpen) onDetails(pupil);
    else if (step && (step !== "next" || mayTap)) go(event.currentTarget, step);
    else return;
    event.preventDefault();
  }

  return (pupil: Pupil) => (
    <Tile
      key={pupil.id}
      store={store}
      pupil={pupil}
      mayOpen={mayOpen}
      isNarrow={isNarrow}
      isStop={pupil.id === reached}
      onFocus={() => setReached(pupil.id)}
      onTap={() => (mayTap ? setLetter(pupil, nextLetter(store.valueOf(pupil.id).letter, codes)) : onDetails(pupil))}
      onDetails={() => onDetails(pupil)}
      onKeyDown={(event) => onKeyDown(event, pupil)}
    />
  );
}

/** With nothing focused yet, an arrow enters the class: nobody tabs through the menu for it. Returns how to end that. */
function enterByArrow(area: { current: HTMLElement | null }): () => void {
  const enter = (event: KeyboardEvent): void => {
    if (event.target !== document.body || !event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
    area.current?.querySelector<HTMLElement>(".tile[tabindex='0']")?.focus();
    event.preventDefault();
  };
  document.addEventListener("keydown", enter);
  return () => document.removeEventListener("keydown", enter);
}
