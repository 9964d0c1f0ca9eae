import { formatTime, translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Desk } from "../../lessons/frontend/lesson";

const t = translator(en);

/** Who wants to speak, the one who waits longest first; nothing while no hand is up. */
export function Hands({ desk }: { desk: Desk }) {
  const up = Object.entries(desk.lesson.value.pupils).flatMap(([id, pupil]) => (pupil.hand ? [{ id, name: pupil.name, hand: pupil.hand }] : []));
  up.sort((one, other) => one.hand.turn - other.hand.turn);
  if (up.length === 0) return null;
  const lower = (pupil: number | null) => void desk.send("hands_lower", pupil === null ? {} : { pupil });
  return (
    <section class="card" aria-live="polite">
      <div class="card__head">
        <h2 class="card__title">
          <Icon name="hand" /> {t("{n} em giơ tay", { n: up.length })}
        </h2>
        {up.length > 1 && (
          <button type="button" class="btn btn--quiet" onClick={() => lower(null)}>
            {t("Hạ tất cả")}
          </button>
        )}
      </div>
      <ol class="list hands">
        {up.map(({ id, name, hand }, place) => (
          <li key={id}>
            <span class="list__main">
              {place + 1}. <b>{name}</b> <span class="muted small num">{formatTime(new Date(hand.at))}</span>
            </span>
            <button type="button" class="btn" onClick={() => lower(Number(id))} aria-label={t("Hạ tay em {name}", { name })}>
              {t("Hạ tay")}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
