import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import type { Link } from "@app/socket";
import { lineOf, SLIDE_WIDTH } from "../../activities/frontend/strokes";
import { to } from "../../ledger/frontend/addressing";
import { en } from "../../ledger/frontend/english";
import { askEitherWay, type Door } from "../../ledger/frontend/live";
import type { Activity } from "../../ledger/frontend/stage";
import "./slides.css";

const t = translator(en);

/** What a device asks the ink with; trying a plan out has none. */
export interface Wire {
  readonly link: Link;
  readonly door: Door;
}

type Stroke = readonly [slide: number, pen: string, points: string];

/** {number: stroke}, null for one that is gone (classroom/ink/queries.py). */
type Ink = Readonly<Record<string, Stroke | null>>;

/** Strokes that came and went up to a number of the lesson's events. */
interface Frame {
  readonly to: number;
  readonly ink: Ink;
}

/** How often to look over HTTP while the socket is away. */
const LOOK_EVERY = 4000;

/** After how long a stroke that grows no more is gone, should its end never come. */
const GROWS_FOR = 6000;

/** Signs of the point where a stroke begins. */
const BEGINS = 4;

/** Whether this pupil wants the slides on the own device; off until a tap, so that the page stays light. */
const wants = signal(false);

/** A slide on a pupil's device: its text for all, its picture with the teacher's ink for those who ask for it. */
export function OnDevice({ activity, wire }: { activity: Activity; wire?: Wire | undefined }) {
  return (
    <section class="stack">
      <h1 class="question">{to(t("Thầy cô đang chiếu trang {n}", { n: activity.page ?? 1 }), t("Đang chiếu trang {n}", { n: activity.page ?? 1 }))}</h1>
      {wants.value ? <Inked key={activity.id} activity={activity} wire={wire} /> : <p class="muted">{to(t("Em nhìn lên màn hình của lớp."), t("Nhìn lên màn hình của lớp."))}</p>}
      <button type="button" class="btn" aria-pressed={wants.value} onClick={() => (wants.value = !wants.value)}>
        <Icon name={wants.value ? "eye-off" : "eye"} />
        {wants.value ? t("Thôi xem trên máy") : t("Xem trên máy")}
      </button>
    </section>
  );
}

/** The picture of a question, for those who ask for it: it is on the class's screen in any case. */
export function Figure({ activity }: { activity: Activity }) {
  return (
    <>
      {wants.value && <img class="figure" src={activity.picture ?? `/j/slide?slide=${activity.id}`} alt={t("Hình của câu hỏi")} width={SLIDE_WIDTH} height={activity.high} />}
      <button type="button" class="btn" aria-pressed={wants.value} onClick={() => (wants.value = !wants.value)}>
        <Icon name={wants.value ? "eye-off" : "eye"} />
        {wants.value ? t("Ẩn hình trên máy") : t("Xem hình trên máy")}
      </button>
    </>
  );
}

function Inked({ activity, wire }: { activity: Activity; wire: Wire | undefined }) {
  const ink = useInk(activity.id, wire);
  const high = activity.high ?? 1152;
  return (
    <figure class="slide">
      <svg viewBox={`0 0 ${SLIDE_WIDTH} ${high}`} role="img" aria-label={activity.question || t("Trang chiếu {n}", { n: activity.page ?? 1 })}>
        <image href={`/j/slide?slide=${activity.id}`} width={SLIDE_WIDTH} height={high} />
        {Object.entries(ink).map(([number, stroke]) => stroke?.[0] === activity.id && <path key={number} class={`ink ink--${stroke[1]}`} d={lineOf([stroke[2]])} />)}
      </svg>
    </figure>
  );
}

/** What names a stroke while it has no number: where it begins, by which the stored one is known. */
function beginOf(stroke: Stroke | null): string {
  return `at ${stroke?.[2].slice(0, BEGINS) ?? ""}`;
}

/** The ink over a slide: what stands when the device begins to look, or comes back, and what comes and goes after. */
function useInk(activity: number, wire: Wire | undefined): Ink {
  const [ink, show] = useState<Ink>({});
  useEffect(() => {
    if (!wire) return undefined;
    const { link, door } = wire;
    let base: Ink = {};
    let seen = -1;
    let later: readonly Frame[] = [];
    let growing: Ink = {};
    let end: ReturnType<typeof setTimeout> | undefined;
    const draw = () => show({ ...(Object.assign({}, base, ...later.map((frame) => frame.ink)) as Ink), ...growing });
    const stopGrowing = () => {
      growing = {};
      draw();
    };
    const event = door.name === "guest" ? "guest_slide_ink" : "slide_ink";
    const look = () =>
      void askEitherWay<{ seq: number; ink: Ink }>(link, door, event, { activity, on: true }).then((result) => {
        if (!result.ok || result.value.seq < seen) return;
        ({ seq: seen, ink: base } = result.value);
        later = later.filter((frame) => frame.to > seen);
        stopGrowing();
      });
    const ends = [
      link.on<Frame>("ink", (frame) => {
        if (frame.to <= seen) return;
        later = [...later, frame];
        const stored = Object.fromEntries(Object.values(frame.ink).map((stroke) => [beginOf(stroke), null]));
        growing = { ...growing, ...stored };
        draw();
      }),
      link.on<{ readonly stroke: Stroke }>("ink_live", ({ stroke }) => {
        clearTimeout(end);
        end = setTimeout(stopGrowing, GROWS_FOR);
        growing = { ...growing, [beginOf(stroke)]: stroke };
        draw();
      }),
      link.onConnect(look),
    ];
    if (link.state.value !== "online") look();
    const looking = setInterval(() => link.state.value === "offline" && look(), LOOK_EVERY);
    return () => {
      for (const stop of ends) stop();
      clearTimeout(end);
      clearInterval(looking);
      if (link.state.value === "online") void link.ask(event, { activity, on: false });
    };
  }, [activity, wire?.link]);
  return ink;
}
