import { isRecord } from "@app/result";

type Table = Readonly<Record<string, unknown>>;

/** A screen's state after a patch: tables of things are merged row by row, everything else is replaced.
    The same rule in Python: classroom/ledger/rules.py, `followed`. */
export function followed<State extends object>(state: State, patch: Table): State {
  const after: Record<string, unknown> = { ...(state as Table) };
  for (const [name, change] of Object.entries(patch)) {
    const known = after[name];
    after[name] = isRecord(change) && isRecord(known) ? merged(known, change) : change;
  }
  return after as State;
}

function merged(table: Table, change: Table): Table {
  const after: Record<string, unknown> = { ...table };
  for (const [key, row] of Object.entries(change)) {
    const known = after[key];
    after[key] = isRecord(row) && isRecord(known) ? { ...known, ...row } : row;
  }
  return after;
}
