import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import { AnswerInput } from "../../ledger/frontend/inputs";
import { shortForm } from "../../ledger/frontend/outcome";
import { answerOf, type Desk, isAsking, onStage, type Pupil, type TeacherActivity, waitingFor } from "./lesson";

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
  const late = new Set(waitingFor(lesson, activity));
  const waiting = all.filter(([id]) => late.has(id));
  const missing = all.filter(([, pupil]) => pupil.joined === null && !pupil.away);
  const isAwaited = isAsking(activity);
  const now = shown.value === "waiting" && !isAwaited ? "all" : shown.value;
  const rows = { all, waiting, missing }[now];
  return (
    <section class="card roster">
      <div class="card__head">
        <h2 class="card__title">{t("Học sinh")}</h2>
        <div class="btn-group" role="group" aria-label={t("Xem em nào")}>
          <Filter name="all" now={now} words={t("Tất cả")} />
          {isAwaited && <Filter name="waiting" now={now} words={`${t("Chưa trả lời")} ${waiting.length}`} />}
          <Filter name="missing" now={now} words={`${t("Chưa vào")} ${missing.length}`} />
        </div>
      </div>
      {rows.length === 0 && <p class="muted">{all.length === 0 ? t("Danh sách lớp chưa có học sinh nào.") : t("Không còn em nào.")}</p>}
      <div class="tiles">
        {rows.map(([id, pupil]) => (
          <Tile key={id} id={id} pupil={pupil} desk={desk} activity={activity} />
        ))}
      </div>
    </section>
  );
}

function Filter({ name, now, words }: { name: Shown; now: Shown; words: string }) {
  return (
    <button type="button" class="btn" aria-pressed={now === name} onClick={() => (shown.value = name)}>
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
    <div class={isOpen ? "roster__pupil is-open" : "roster__pupil"}>
      <button
        type="button"
        class={given ? "tile is-here" : pupil.away && pupil.joined === null ? "tile is-away" : "tile"}
        aria-expanded={isOpen}
        onClick={() => (opened.value = isOpen ? null : id)}
      >
        <span class="tile__no">{pupil.no}</span>
        <span class="tile__name">
          {pupil.name.slice(0, cut)}
          <b>{pupil.name.slice(cut)}</b>
          <span class="tile__note">{noteOf(pupil, desk.presence.value[id], given?.late)}</span>
        </span>
        {given && activity ? <Given activity={activity} answer={given.answer} right={given.right} /> : <State pupil={pupil} presence={desk.presence.value[id]} />}
      </button>
      {isOpen && <Opened id={id} pupil={pupil} desk={desk} activity={activity} />}
    </div>
  );
}

function Given({ activity, answer, right }: { activity: TeacherActivity; answer: readonly string[]; right: boolean | null }) {
  const short = shortForm(activity, answer, { T: t("Đ"), F: t("S") });
  const shown = short.length > 12 ? `${short.slice(0, 11)}…` : short;
  return (
    <b class="roster__answer">
      {shown} {right !== null && activity.phase !== "open" && <Icon name={right ? "check" : "close"} label={right ? t("đúng") : t("sai")} />}
    </b>
  );
}

function noteOf(pupil: Pupil, presence: "here" | "asleep" | undefined, late: boolean | undefined): string {
  if (late) return t("trả lời trễ");
  if (pupil.joined === null) return pupil.away ? t("vắng") : t("chưa vào");
  if (!pupil.device) return t("không có máy");
  if (presence === "here") return t("trong lớp");
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
        <div class="stack" role="group" aria-label={t("Trả lời thay")}>
          <AnswerInput
            key={`${activity.id}:${activity.round}`}
            activity={activity}
            given={answerOf(desk.lesson.value, activity, id)?.answer ?? []}
            onGive={(answer) => void desk.answerFor(Number(id), activity, answer).then(() => (opened.value = null))}
          />
        </div>
      )}
      {!canAnswer && <p class="muted small">{t("Khi có câu hỏi đang mở, chạm tên để trả lời thay em.")}</p>}
      {pupil.joined !== null && <ExtraTime id={id} pupil={pupil} desk={desk} />}
      {pupil.device && (
        <button type="button" class="btn btn--quiet" onClick={() => void desk.freeSeat(Number(id))}>
          {t("Cho vào lại bằng máy khác")}
        </button>
      )}
    </div>
  );
}

/** More of every timer for one pupil: a question of fairness, told to nobody else. */
function ExtraTime({ id, pupil, desk }: { id: string; pupil: Pupil; desk: Desk }) {
  return (
    <label class="row">
      <span>{t("Thêm giờ cho em")}</span>
      <select class="input input--short" value={pupil.extra} onChange={(event) => void desk.giveTime(Number(id), Number(event.currentTarget.value))}>
        {[0, 25, 50, 100].map((percent) => (
          <option key={percent} value={percent}>
            {percent === 0 ? t("Không") : `+${percent}%`}
          </option>
        ))}
      </select>
    </label>
  );
}
