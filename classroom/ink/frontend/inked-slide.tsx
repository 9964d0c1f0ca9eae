import { getStroke } from "perfect-freehand";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { pointsOf, SLIDE_WIDTH } from "../../activities/frontend/strokes";
import "../../slides/frontend/slides.css";

export type Pen = "red" | "blue" | "green" | "marker";

/** A stroke as the server tells it (classroom/ink/queries.py); `n` orders them. */
export interface Stroke {
  readonly activity: number;
  readonly n: number;
  readonly pen: Pen;
  readonly points: string;
}

export type Ink = Readonly<Record<string, Stroke | null>>;

/** {uuid: stroke} of what stands on one slide, in the order in which it was drawn. */
export function standing(ink: Ink, activity: number): readonly (readonly [string, Stroke])[] {
  return Object.entries(ink)
    .filter((row): row is [string, Stroke] => row[1]?.activity === activity)
    .sort(([, one], [, other]) => one.n - other.n);
}

/** The outline of a stroke as a pen leaves it. */
export function outlineOf(pen: Pen, points: string): string {
  const isMarker = pen === "marker";
  const outline = getStroke(pointsOf(points).map(([x, y]) => [x, y]), {
    size: isMarker ? 48 : 13,
    thinning: isMarker ? 0 : 0.35,
    smoothing: 0.6,
    streamline: 0.3,
    last: true,
  });
  const [first, ...rest] = outline.map(([x = 0, y = 0]) => `${Math.round(x)} ${Math.round(y)}`);
  return first === undefined ? "" : `M${first}L${rest.join(" ")}Z`;
}

export function StrokePath({ pen, points }: { pen: Pen; points: string }) {
  const outline = useMemo(() => outlineOf(pen, points), [pen, points]);
  return <path class={`ink-shape ink-shape--${pen}`} d={outline} />;
}

type Pointed = PointerEvent & { readonly currentTarget: Element };

/** What happens while a pen is on the slide. */
export interface Pointing {
  readonly onPointerDown?: (event: Pointed) => void;
  readonly onPointerMove?: (event: Pointed) => void;
  readonly onPointerUp?: () => void;
  readonly onPointerCancel?: () => void;
}

interface Props {
  readonly src: string;
  readonly alt: string;
  readonly high: number;
  readonly children?: ComponentChildren;
  readonly pointer?: Pointing;
  readonly isOpen?: boolean;
}

/** A slide's picture and the ink over it as one drawing, so that both keep together at every size. */
export function InkedSlide({ src, alt, high, children, pointer = {}, isOpen = false }: Props) {
  return (
    <figure class="slide">
      <svg viewBox={`0 0 ${SLIDE_WIDTH} ${high}`} class={isOpen ? "slide__picture is-open" : "slide__picture"} role="img" aria-label={alt} {...pointer}>
        <image href={src} width={SLIDE_WIDTH} height={high} />
        {children}
      </svg>
    </figure>
  );
}
