/** Who sits where, as plain values: pupil by place. A place is "row,column", counted from the board and from the left. */
export type Seats = ReadonlyMap<string, number>;

export interface Pupil {
  id: number;
  name: string;
}

export function placeKey(row: number, column: number): string {
  return `${row},${column}`;
}

export function placeOf(seats: Seats, pupil: number): string | undefined {
  return [...seats].find(([, id]) => id === pupil)?.[0];
}

/** Seats a pupil at a place. Whoever sat there takes the pupil's old seat, or waits when there was none. */
export function seated(seats: Seats, pupil: number, place: string): Seats {
  const next = new Map(seats);
  const before = placeOf(seats, pupil);
  const other = seats.get(place);
  if (before !== undefined) next.delete(before);
  if (other !== undefined && other !== pupil && before !== undefined) next.set(before, other);
  next.set(place, pupil);
  return next;
}

export function unseated(seats: Seats, pupil: number): Seats {
  return new Map([...seats].filter(([, id]) => id !== pupil));
}

/** Fills the empty places row by row with those who wait, in the order of the class list. */
export function filled(seats: Seats, pupils: readonly Pupil[], rows: number, columns: number): Seats {
  const next = new Map(seats);
  const taken = new Set(seats.values());
  const waiting = pupils.filter((pupil) => !taken.has(pupil.id));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const key = placeKey(row, column);
      const first = next.has(key) ? undefined : waiting.shift();
      if (first) next.set(key, first.id);
    }
  return next;
}

/** Leaves out who would sit beyond a smaller grid: they wait again. */
export function within(seats: Seats, rows: number, columns: number): Seats {
  return new Map(
    [...seats].filter(([key]) => {
      const [row = 0, column = 0] = key.split(",").map(Number);
      return row < rows && column < columns;
    }),
  );
}

export function asLines(seats: Seats): number[][] {
  return [...seats].map(([key, id]) => [id, ...key.split(",").map(Number)]);
}
