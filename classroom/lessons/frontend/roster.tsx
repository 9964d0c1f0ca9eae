import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import en from "../../translations/en.json";
import { lettersOf } from "../../ledger/frontend/stage";
import { answerOf, type Desk, onStage, type Pupil, type TeacherActivity } from "./lesson";

const t = translator(en);

type Shown = "all" | "waiting" | "missing";

const shown = signal<Shown>("all");

/** The pupil whose tile is open. */
const opened = signal<string | null>(null);

/** Who is in, who has not answered; a tap on a name enters an answer for a pupil without a device. */
export function Roster({ desk }: { desk: Desk }) {
  const lesson = desk.lesson.value;
  const activity = onStage(lesson);
  const all = Object.entries(lesson.pupils).sort(([, one], [, other]) => one.no - other.no);
  const waiting = all.filter(([id]) => activity && !answerOf(lesson, activity, id));
  const missing = all.filter(([, pupil]) => pupil.joined === null);
  const rows = { all, waiting, missing }[shown.value];
  return (
    <section class="card roster">
      <div class="card__head">
        <h2 class="card__title">{t("Học sinh")}</h2>
        <div class="btn-group" role="group" aria-label={t("Xem em nào")}>
          <Filter name="all" words={t("Tất cả")} />
          {activity && <Filter name="waiting" words={`${t("Chưa trả lời")} ${waiting.length}`} />}
          <Filter name="missing" words={`${t("Chưa vào")} ${missing.length}`} />
        </div>
      </div>
      {rows.length === 0 && <p class="muted">{t("Không còn em nào.")}</p>}
      <div class="tiles">
        {rows.map(([id, pupil]) => (
          <Tile key={id} id={id} pupil={pupil} desk={desk} activity={activity} />
        ))}
      </div>
    </section>
  );
}

function Filter({ name, words }: { name: Shown; words: string }) {
  return (
    <button type="button" class="btn" aria-pressed={shown.value === name} onClick={() => (shown.value = name)}>
      {words}
    </button>
  );
}

interface TileProps {
  readonly id: string;
  readonly pupil: Pupil;
  readonly desk: Desk;
  readonly activity: TeacherActivity | null;
}

function Tile({ id, pupil, desk, activity }: TileProps) {
  const given = activity ? answerOf(desk.lesson.value, activity, id) : undefined;
  const isOpen = opened.value === id;
  const cut = pupil.name.lastIndexOf(" ") + 1;
  return (
    <div class="roster__pupil">
      <button
        type="button"
        class={given ? "tile is-here" : "tile"}
        aria-expanded={isOpen}
        onClick={() => (opened.value = isOpen ? null : id)}
      >
        <span class="tile__no">{pupil.no}</span>
        <span class="tile__name">
          {pupil.name.slice(0, cut)}
          <b>{pupil.name.slice(cut)}</b>
          <span class="tile__note">{noteOf(pupil, desk.presence.value[id], given?.late)}</span>
        </span>
        {given ? <b class="roster__answer">{given.answer.join("")}</b> : <State pupil={pupil} presence={desk.presence.value[id]} />}
      </button>
      {isOpen && <Opened id={id} pupil={pupil} desk={desk} activity={activity} />}
    </div>
  );
}

function noteOf(pupil: Pupil, presence: "here" | "asleep" | undefined, late: boolean | undefined): string {
  if (late) return t("trả lời trễ");
  if (pupil.joined === null) return t("chưa vào");
  if (!pupil.device) return t("không có máy");
  if (presence === "here") return t("đang ở trong lớp");
  return presence === "asleep" ? t("màn hình tắt") : t("mất kết nối");
}

function State({ pupil, presence }: { pupil: Pupil; presence: "here" | "asleep" | undefined }) {
  if (pupil.joined === null) return null;
  return <Icon name={presence === "here" ? "online" : "offline"} />;
}

function Opened({ id, pupil, desk, activity }: TileProps) {
  const canAnswer = activity !== null && (activity.phase === "open" || activity.phase === "closed");
  return (
    <div class="roster__actions">
      {canAnswer && (
        <div class="btn-group" role="group" aria-label={t("Trả lời thay")}>
          {lettersOf(activity).map((letter) => (
            <button
              type="button"
              class="btn"
              key={letter}
              onClick={() => void desk.answerFor(Number(id), activity, [letter]).then(() => (opened.value = null))}
            >
              {letter}
            </button>
          ))}
        </div>
      )}
      {!canAnswer && <p class="muted small">{t("Khi có câu hỏi đang mở, chạm tên để trả lời thay em.")}</p>}
      {pupil.device && (
        <button type="button" class="btn btn--quiet" onClick={() => void desk.freeSeat(Number(id))}>
          {t("Cho vào lại bằng máy khác")}
        </button>
      )}
    </div>
  );
}
