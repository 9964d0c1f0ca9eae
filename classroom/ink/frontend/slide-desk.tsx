import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { newId } from "@app/outbox";
import { wait } from "@app/pace";
import { isApart, piecesOf, type Point, pointAt, SLIDE_WIDTH, strokeOf } from "../../activities/frontend/strokes";
import { en } from "../../ledger/frontend/english";
import type { Desk, TeacherActivity } from "../../lessons/frontend/lesson";
import { InkedSlide, type Pen, standing, StrokePath } from "./inked-slide";

const t = translator(en);

const LIVE_EVERY = 150;
const LONGEST_STROKE = 1200;
const APART = 6;
const TRY_AGAIN = 1500;

interface Waiting {
  readonly uuid: string;
  readonly activity: number;
  readonly pen: Pen;
  readonly points: string;
}

/** The pen in hand; none: the slide is only looked at, and a finger scrolls the page. */
const pen = signal<Pen | null>(null);
const live = signal<Waiting | null>(null);
/** Strokes that the server has not told yet: shown at once, sent until they are stored. */
const waiting = signal<readonly Waiting[]>([]);
const wantsToClear = signal(false);

/** The line under the pen; not a signal, since a pen draws faster than a screen. */
const line: { points: Point[]; sentAt: number } = { points: [], sentAt: 0 };

async function keep(desk: Desk, stroke: Waiting): Promise<void> {
  waiting.value = [...waiting.value, stroke];
  for (;;) {
    const result = await desk.send("ink_draw", stroke);
    if (result.ok) return;
    if (result.kind !== "unreachable" && result.kind !== "failed" && result.kind !== "rate_limited") break;
    await wait(TRY_AGAIN);
  }
  waiting.value = waiting.value.filter((one) => one !== stroke);
}

function lift(desk: Desk): void {
  const stroke = live.value;
  const pieces = piecesOf(line.points, LONGEST_STROKE);
  line.points = [];
  live.value = null;
  if (!stroke) return;
  pieces.forEach((points, place) => void keep(desk, { ...stroke, points, uuid: place === 0 ? stroke.uuid : newId() }));
}

function drawing(desk: Desk, activity: TeacherActivity, high: number) {
  const begin = (event: PointerEvent & { currentTarget: Element }) => {
    if (!pen.value || event.button > 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    line.points = [pointAt(event, event.currentTarget, SLIDE_WIDTH, high)];
    live.value = { uuid: newId(), activity: activity.id, pen: pen.value, points: strokeOf(line.points) };
  };
  const draw = (event: PointerEvent & { currentTarget: Element }) => {
    const now = live.value;
    if (!now) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const point = pointAt(one, event.currentTarget, SLIDE_WIDTH, high);
      if (isApart(line.points, point, APART)) line.points.push(point);
    }
    const points = strokeOf(line.points);
    // A line as long as one stroke may be goes on as the next one, from where it is.
    if (points.length > LONGEST_STROKE - 140) {
      const last = line.points[line.points.length - 1];
      lift(desk);
      if (last) {
        line.points = [last];
        live.value = { ...now, uuid: newId(), points: strokeOf([last]) };
      }
      return;
    }
    live.value = { ...now, points };
    if (Date.now() - line.sentAt < LIVE_EVERY || desk.link.state.value !== "online") return;
    line.sentAt = Date.now();
    void desk.link.ask("ink_live", { lesson: desk.lesson.value.lesson.id, ...live.value });
  };
  return { onPointerDown: begin, onPointerMove: draw, onPointerUp: () => lift(desk), onPointerCancel: () => lift(desk) };
}

/** The slide on stage, to write on: what is drawn here is on the projector a moment later. */
export function SlideDesk({ desk, activity }: { desk: Desk; activity: TeacherActivity }) {
  const { ink } = desk.lesson.value;
  const high = activity.high ?? 1152;
  const drawn = standing(ink, activity.id);
  const own = waiting.value.filter((one) => one.activity === activity.id && !(one.uuid in ink));
  const now = live.value?.activity === activity.id ? live.value : null;
  const name = t("Trang chiếu {n}", { n: activity.page ?? 1 });
  return (
    <section class="card">
      <h2 class="visually-hidden">{name}</h2>
      <InkedSlide src={`/slides/${activity.id}`} alt={activity.question || name} high={high} isOpen={pen.value !== null} pointer={drawing(desk, activity, high)}>
        {drawn.map(([uuid, stroke]) => (
          <StrokePath key={uuid} pen={stroke.pen} points={stroke.points} />
        ))}
        {[...own, ...(now ? [now] : [])].map((stroke) => (
          <StrokePath key={stroke.uuid} pen={stroke.pen} points={stroke.points} />
        ))}
      </InkedSlide>
      <Pens desk={desk} activity={activity} last={own[own.length - 1]?.uuid ?? drawn[drawn.length - 1]?.[0]} />
    </section>
  );
}

function Pens({ desk, activity, last }: { desk: Desk; activity: TeacherActivity; last: string | undefined }) {
  const names: Record<Pen, string> = { red: t("Bút đỏ"), blue: t("Bút xanh dương"), green: t("Bút xanh lá"), marker: t("Bút tô sáng") };
  return (
    <div class="row">
      <div class="btn-group" role="group" aria-label={t("Viết lên trang chiếu")}>
        {(Object.keys(names) as Pen[]).map((one) => (
          <button type="button" class={`btn btn--icon pen pen--${one}`} key={one} title={names[one]} aria-label={names[one]} aria-pressed={pen.value === one} onClick={() => (pen.value = pen.value === one ? null : one)} />
        ))}
      </div>
      <button type="button" class="btn" disabled={!last} onClick={() => last && void desk.send("ink_undo", { uuid: last })}>
        <Icon name="undo" />
        {t("Bỏ nét cuối")}
      </button>
      {wantsToClear.value && last ? (
        <span class="row" role="group" aria-label={t("Xóa hết nét trên trang")}>
          <button type="button" class="btn btn--quiet" onClick={() => (wantsToClear.value = false)}>
            {t("Giữ lại")}
          </button>
          <button
            type="button"
            class="btn btn--danger"
            onClick={() => {
              wantsToClear.value = false;
              void desk.send("ink_clear", { activity: activity.id, last });
            }}
          >
            {t("Xóa hết")}
          </button>
        </span>
      ) : (
        <button type="button" class="btn btn--quiet" disabled={!last} onClick={() => (wantsToClear.value = true)}>
          <Icon name="trash" />
          {t("Xóa hết nét trên trang")}
        </button>
      )}
    </div>
  );
}
