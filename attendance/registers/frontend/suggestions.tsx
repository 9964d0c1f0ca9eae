import { Icon } from "@app/icon";
import { type Pupil, suggested } from "./model";
import type { SheetStore, Suggestion } from "./store";
import { t } from "./words";

/** What speaks for an absence, each with its reason: one tap takes it over, another waves it away. Nothing by itself. */
export function Suggestions({ store }: { store: SheetStore }) {
  const found = store.data.pupils.flatMap((pupil) => {
    const first = store.suggestionsOf(pupil.id).find((one) => one.letter !== null);
    return first ? [{ pupil, one: first }] : [];
  });
  if (found.length === 0) return null;
  const away = found.filter(({ one }) => one.kind === "outing");
  const trip = away.length >= MANY ? away[0]?.one : undefined;
  const together = trip ? away.filter(({ one }) => one.words === trip.words && one.letter === trip.letter) : [];
  const single = together.length >= MANY ? found.filter((line) => !together.includes(line)) : found;
  return (
    <section class="card sheet-suggestions" aria-label={t("Gợi ý")}>
      <h2 class="card__title">{t("Gợi ý – chưa ghi vào sổ")}</h2>
      <ul class="list">
        {trip && together.length >= MANY && <Together store={store} pupils={together.map(({ pupil }) => pupil)} one={trip} />}
        {single.map(({ pupil, one }) => (
          <Line key={pupil.id} store={store} pupil={pupil} one={one} />
        ))}
      </ul>
    </section>
  );
}

const MANY = 3;

/** A trip of many is one line: one tap takes it over for all of them. */
function Together({ store, pupils, one }: { store: SheetStore; pupils: readonly Pupil[]; one: Suggestion }) {
  const letter = one.letter ?? "";
  const take = async (): Promise<void> => {
    for (const { id } of pupils) await store.mark(id, suggested(store.valueOf(id), letter, null, store.data.codes));
  };
  return (
    <li>
      <span class="list__main">
        <b>{t("{n} em", { n: pupils.length })}</b>
        <br />
        <span class="small muted">{one.words}</span>
      </span>
      <button type="button" class="btn" onClick={() => void take()}>
        {t("Ghi {letter} cho cả {n} em", { letter, n: pupils.length })}
      </button>
    </li>
  );
}

function Line({ store, pupil, one }: { store: SheetStore; pupil: Pupil; one: Suggestion }) {
  const letter = one.letter ?? "";
  const take = (): void =>
    void store.mark(pupil.id, suggested(store.valueOf(pupil.id), letter, one.minutes ?? null, store.data.codes));
  return (
    <li>
      <span class="list__main">
        <b>{pupil.name}</b>
        <br />
        <span class="small muted">{one.words}</span>
      </span>
      <button type="button" class="btn" onClick={take}>
        {t("Ghi {letter}", { letter })}
      </button>
      <button type="button" class="btn btn--quiet btn--icon" onClick={() => store.dismiss(pupil.id, one.kind)}>
        <Icon name="close" label={t("Bỏ gợi ý của {name}", { name: pupil.name })} />
      </button>
    </li>
  );
}
