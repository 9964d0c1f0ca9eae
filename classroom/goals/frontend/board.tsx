import { formatNumber, translator } from "@app/i18n";
import { en } from "../../ledger/frontend/english";
import "./goals.css";

const t = translator(en);

export interface BoardPlace {
  readonly place: number;
  readonly points: number;
  /** First names of those who share the place. */
  readonly names: readonly string[];
  /** How many more share it. */
  readonly more: number;
}

/** The first places by first name; equal points share one. */
export function Board({ board }: { board: readonly BoardPlace[] }) {
  return (
    <section>
      <h2>{t("Bảng xếp hạng")}</h2>
      {board.length === 0 && <p>{t("Chưa có em nào có điểm.")}</p>}
      <ol class="board">
        {board.map((one) => (
          <li key={one.place}>
            <span class="board__place">{one.place}.</span>{" "}
            <span class="board__points">{t("{points} điểm", { points: formatNumber(one.points, Number.isInteger(one.points) ? 0 : 2) })}</span>
            {" · "}
            {one.names.join(", ")}
            {one.more > 0 && ` ${t("và {n} bạn nữa", { n: one.more })}`}
          </li>
        ))}
      </ol>
    </section>
  );
}
