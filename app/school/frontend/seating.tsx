import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { useState } from "preact/hooks";
import en from "../../translations/en.json";
import { asLines, filled, type Pupil, placeKey, type Seats, seated, unseated, within } from "./seats";

const t = translator(en);
const STEPS = new Map([
  ["ArrowUp", { down: -1, right: 0 }],
  ["ArrowDown", { down: 1, right: 0 }],
  ["ArrowLeft", { down: 0, right: -1 }],
  ["ArrowRight", { down: 0, right: 1 }],
]);

export interface SeatingData {
  rows: number;
  columns: number;
  mostRows: number;
  mostColumns: number;
  startsOn: string;
  pupils: Pupil[];
  seats: [number, number, number][];
}

/** Press a pupil, then a place; or drag. Arrow keys go from place to place, Delete frees one, Escape lets go. */
export function Seating({ data }: { data: SeatingData }) {
  const [rows, setRows] = useState(data.rows);
  const [columns, setColumns] = useState(data.columns);
  const [seats, setSeats] = useState<Seats>(new Map(data.seats.map(([id, row, column]) => [placeKey(row, column), id])));
  const [held, setHeld] = useState<number>();
  const names = new Map(data.pupils.map((pupil) => [pupil.id, pupil.name]));
  const taken = new Set(seats.values());
  const waiting = data.pupils.filter((pupil) => !taken.has(pupil.id));

  const put = (pupil: number, place: string) => {
    setSeats(seated(seats, pupil, place));
    setHeld(undefined);
  };
  const press = (place: string) => {
    const here = seats.get(place);
    if (held !== undefined && held !== here) put(held, place);
    else setHeld(here === held ? undefined : here);
  };
  const resize = (nextRows: number, nextColumns: number) => {
    setRows(nextRows);
    setColumns(nextColumns);
    setSeats(within(seats, nextRows, nextColumns));
  };
  const key = (event: KeyboardEvent, row: number, column: number) => {
    const step = STEPS.get(event.key);
    const here = seats.get(placeKey(row, column));
    if (event.key === "Escape") setHeld(undefined);
    else if (event.key === "Delete" && here !== undefined) setSeats(unseated(seats, here));
    else if (step) document.getElementById(`seat-${row + step.down}-${column + step.right}`)?.focus();
    else return;
    event.preventDefault();
  };
  const drag = (pupil: number | undefined) => ({
    draggable: pupil !== undefined,
    onDragStart: (event: DragEvent) => event.dataTransfer?.setData("text/plain", String(pupil)),
  });
  const drop = (act: (pupil: number) => void) => ({
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      const pupil = Number(event.dataTransfer?.getData("text/plain"));
      if (names.has(pupil)) act(pupil);
    },
  });

  return (
    <div class="stack">
      <div class="toolbar no-print">
        <div class="row">
        <NumberField name="rows" label={t("Số hàng")} value={rows} most={data.mostRows} onChange={(n) => resize(n, columns)} />
        <NumberField name="columns" label={t("Số cột")} value={columns} most={data.mostColumns} onChange={(n) => resize(rows, n)} />
        </div>
        <div class="field">
          <label class="field__label" for="starts_on">{t("Áp dụng từ ngày")}</label>
          <input class="input" type="date" id="starts_on" name="starts_on" defaultValue={data.startsOn} required />
        </div>
        <div class="toolbar__end row">
          <button class="btn" type="button" onClick={() => setSeats(filled(seats, data.pupils, rows, columns))}>
            <Icon name="auto" />{t("Xếp theo danh sách")}
          </button>
          <button class="btn" type="button" onClick={() => setSeats(new Map())}><Icon name="trash" />{t("Xếp lại từ đầu")}</button>
          <button class="btn btn--main" type="submit"><Icon name="check" />{t("Lưu sơ đồ")}</button>
        </div>
      </div>
      <input type="hidden" name="seats" value={JSON.stringify(asLines(seats))} />
      <p class="muted small no-print" role="status">
        {held === undefined
          ? t("Bấm vào một em rồi bấm vào chỗ ngồi, hoặc kéo thả. Phím mũi tên để đi giữa các chỗ, Delete để bỏ trống.")
          : t("Đang chọn {name}. Bấm vào chỗ ngồi.", { name: names.get(held) ?? "" })}
      </p>
      <p class="seats__board">{t("Bảng")}</p>
      <div class="table-wrap seats__room" tabIndex={0} role="region" aria-label={t("Sơ đồ chỗ ngồi")}>
        <table class="seats">
          <tbody>
            {range(rows).map((row) => (
              <tr key={row}>
                {range(columns).map((column) => {
                  const place = placeKey(row, column);
                  const pupil = seats.get(place);
                  return (
                    <td key={column}>
                      <button
                        type="button"
                        id={`seat-${row}-${column}`}
                        class={pupil === undefined ? "seat" : "seat is-taken"}
                        aria-pressed={pupil !== undefined && pupil === held}
                        aria-label={t("Hàng {row}, cột {column}: {name}", {
                          row: row + 1,
                          column: column + 1,
                          name: pupil === undefined ? t("trống") : (names.get(pupil) ?? ""),
                        })}
                        onClick={() => press(place)}
                        onKeyDown={(event) => key(event, row, column)}
                        {...drag(pupil)}
                        {...drop((dropped) => put(dropped, place))}
                      >
                        {pupil === undefined ? "" : names.get(pupil)}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <section class="card no-print" {...drop((pupil) => setSeats(unseated(seats, pupil)))}>
        <h2 class="card__title">{waiting.length ? t("{n} em chưa có chỗ", { n: waiting.length }) : t("Em nào cũng có chỗ")}</h2>
        <div class="tiles">
          {waiting.map((pupil) => (
            <button
              key={pupil.id}
              type="button"
              class="tile"
              aria-pressed={held === pupil.id}
              onClick={() => setHeld(held === pupil.id ? undefined : pupil.id)}
              {...drag(pupil.id)}
            >
              <span class="tile__name">{pupil.name}</span>
            </button>
          ))}
        </div>
      </section>
    </div>
  );
}

interface NumberFieldProps {
  name: string;
  label: string;
  value: number;
  most: number;
  onChange: (value: number) => void;
}

function NumberField({ name, label, value, most, onChange }: NumberFieldProps) {
  return (
    <div class="field">
      <label class="field__label" for={name}>{label}</label>
      <input
        class="input seats__number"
        type="number"
        id={name}
        name={name}
        min={1}
        max={most}
        value={value}
        required
        onChange={(event) => onChange(Math.min(most, Math.max(1, Math.floor(Number(event.currentTarget.value)) || 1)))}
      />
    </div>
  );
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
