import { useRef, useState } from "preact/hooks";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { to } from "../../ledger/frontend/addressing";
import { en } from "../../ledger/frontend/english";
import { type InputProps, useDraft } from "../../ledger/frontend/inputs";
import { CANVAS, isApart, lineOf, parts, piecesOf, type Point, pointAt, strokeOf } from "./strokes";
import "./drawing.css";

const t = translator(en);

/** The bounds of rules/sketching.py. */
const MOST_STROKES = 60;
const LONGEST_STROKE = 500;
const LONGEST_DRAWING = 6000;
const LONGEST_WORDS = 200;
const APART = 7;

/** A canvas for a finger; whoever cannot draw says in words what the picture would show. Fetched when it is asked for. */
export function Drawing(props: InputProps) {
  const { onGive } = props;
  const draft = useDraft(props, []);
  const { strokes, words } = parts(draft.now);
  const line = useRef<Point[]>([]);
  const [live, show] = useState("");
  const used = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const isFull = strokes.length >= MOST_STROKES || used >= LONGEST_DRAWING - LONGEST_STROKE;
  const set = (next: readonly string[], said: string) => draft.set([...next, ...(said.trim() ? [`=${said}`] : [])]);

  function begin(event: PointerEvent & { currentTarget: Element }): void {
    if (!onGive || isFull || event.button > 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    line.current = [pointAt(event, event.currentTarget, CANVAS.width, CANVAS.height)];
    show(strokeOf(line.current));
  }

  function draw(event: PointerEvent & { currentTarget: Element }): void {
    if (line.current.length === 0) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const point = pointAt(one, event.currentTarget, CANVAS.width, CANVAS.height);
      if (isApart(line.current, point, APART)) line.current.push(point);
    }
    show(strokeOf(line.current));
  }

  /** The line becomes strokes, as many as there is room for. */
  function lift(): void {
    const kept = [...strokes];
    let room = LONGEST_DRAWING - used;
    for (const piece of piecesOf(line.current, LONGEST_STROKE)) {
      room -= piece.length;
      if (room >= 0 && kept.length < MOST_STROKES) kept.push(piece);
    }
    if (line.current.length > 0) set(kept, words);
    line.current = [];
    show("");
  }

  return (
    <div class="stack">
      <svg
        class={onGive ? "sketch sketch--open" : "sketch"}
        viewBox={`0 0 ${CANVAS.width} ${CANVAS.height}`}
        role="img"
        aria-label={strokes.length > 0 ? t("Hình của em, {n} nét", { n: strokes.length }) : t("Chỗ vẽ, chưa có nét nào")}
        onPointerDown={begin}
        onPointerMove={draw}
        onPointerUp={lift}
        onPointerCancel={lift}
      >
        <path d={lineOf(live ? [...strokes, live] : strokes)} />
      </svg>
      {onGive && (
        <>
          <div class="row">
            <button type="button" class="btn" disabled={strokes.length === 0} onClick={() => set(strokes.slice(0, -1), words)}>
              <Icon name="undo" />
              {t("Bỏ nét cuối")}
            </button>
            <button type="button" class="btn btn--quiet" disabled={strokes.length === 0} onClick={() => set([], words)}>
              <Icon name="trash" />
              {t("Vẽ lại từ đầu")}
            </button>
          </div>
          {isFull && <p class="muted">{to(t("Hình đã đủ nét. Em bỏ bớt nét nếu muốn vẽ thêm."), t("Hình đã đủ nét. Bỏ bớt nét nếu muốn vẽ thêm."))}</p>}
          <label class="field__label" for="drawing-words">
            {to(t("Không vẽ được? Em tả hình bằng chữ."), t("Không vẽ được? Tả hình bằng chữ."))}
          </label>
          <input class="input" id="drawing-words" maxLength={LONGEST_WORDS} autocomplete="off" value={words} onInput={(event) => set(strokes, event.currentTarget.value)} />
        </>
      )}
      {!onGive && words && <p>{words}</p>}
      {draft.send(draft.now, draft.now.length > 0)}
    </div>
  );
}
