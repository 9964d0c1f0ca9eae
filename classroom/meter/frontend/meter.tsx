import { formatTime, translator } from "@app/i18n";
import { en } from "../../ledger/frontend/english";
import type { Desk } from "../../lessons/frontend/lesson";

const t = translator(en);
const WIDTH = 300;
const HEIGHT = 48;

type Point = readonly [at: number, got: number, lost: number];

/** How understanding goes: counts only, nobody's name, so that a class can afford to be honest. */
export function Meter({ desk }: { desk: Desk }) {
  const { lesson, meter } = desk.lesson.value;
  const points = Object.keys(meter)
    .sort((one, other) => Number(one) - Number(other))
    .map((key) => meter[key] as Point);
  const last = points[points.length - 1];
  if (!last) return null;
  return (
    <section class="card">
      <div class="card__head">
        <h2 class="card__title">{t("Mức hiểu bài")}</h2>
        <label class="check">
          <input type="checkbox" checked={lesson.meter} onChange={() => void desk.turn("meter", !lesson.meter)} />
          {t("Chiếu lên màn hình")}
        </label>
      </div>
      <p class="meter__now">
        <span class="badge tone-good">{t("Hiểu: {n} em", { n: last[1] })}</span>{" "}
        <span class={last[2] > 0 ? "badge tone-warn" : "badge"}>{t("Chưa theo kịp: {n} em", { n: last[2] })}</span>
      </p>
      {points.length > 1 && <Course points={points} />}
      <details class="disclosure">
        <summary>{t("Xem theo từng phút")}</summary>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{t("Lúc")}</th>
              <th scope="col" class="num">{t("Hiểu")}</th>
              <th scope="col" class="num">{t("Chưa theo kịp")}</th>
            </tr>
          </thead>
          <tbody>
            {byMinute(points).map(([at, got, lost]) => (
              <tr key={at}>
                <th scope="row" class="num">{formatTime(new Date(at))}</th>
                <td class="num">{got}</td>
                <td class="num">{lost}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

/** Two stepped lines over time; the dashed one is who is lost, so colour does not speak alone. */
function Course({ points }: { points: readonly Point[] }) {
  return (
    <svg class="meter__course" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline class="meter__got" points={stepped(points, 1)} />
      <polyline class="meter__lost" points={stepped(points, 2)} stroke-dasharray="5 3" />
    </svg>
  );
}

function stepped(points: readonly Point[], which: 1 | 2): string {
  const first = points[0]?.[0] ?? 0;
  const span = Math.max(1, (points[points.length - 1]?.[0] ?? 0) - first);
  const most = Math.max(1, ...points.map(([, got, lost]) => Math.max(got, lost)));
  let height = HEIGHT - 2;
  const drawn = points.flatMap((point) => {
    const x = ((point[0] - first) / span) * WIDTH;
    const before = `${x.toFixed(1)},${height.toFixed(1)}`;
    height = HEIGHT - 2 - (point[which] / most) * (HEIGHT - 4);
    return [before, `${x.toFixed(1)},${height.toFixed(1)}`];
  });
  return drawn.join(" ");
}

/** The last point of each minute. */
function byMinute(points: readonly Point[]): readonly Point[] {
  const minutes = new Map<number, Point>();
  for (const point of points) minutes.set(Math.floor(point[0] / 60_000), point);
  return [...minutes.values()];
}
