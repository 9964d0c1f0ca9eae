import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { islandData, mount } from "@app/island";
import { Icon } from "@app/icon";
import { StatusStrip } from "@app/status";
import { en, english } from "../../ledger/frontend/english";
import { byHttp } from "../../ledger/frontend/live";
import { Goals } from "../../goals/frontend/goals";
import { Groups } from "../../groups/frontend/groups";
import { Guests } from "../../guests/frontend/guests";
import { Hands } from "../../hands/frontend/hands";
import { Inquiries } from "../../inquiries/frontend/inquiries";
import { Meter } from "../../meter/frontend/meter";
import { Team } from "../../team/frontend/team";
import { Asking } from "./asking";
import "../../ledger/frontend/inputs.css";
import { Editor, TakePlan } from "./editor";
import { READY_MADE, titleOf } from "./kinds";
import { type Desk, onStage, openDesk, type Watched } from "./lesson";
import { Plan } from "./plan";
import { Roster } from "./roster";
import { Stepper } from "./stepper";
import { ignoreStrayClicks } from "./strays";
import "./console.css";

const t = translator(en);

export interface Links {
  readonly join: string;
  readonly screen: string;
  readonly after: string;
  /** The account that looks on. */
  readonly me: number;
}

const links = islandData<Links>("console-links");
const desk = openDesk(islandData<Watched>("console-state"));
const isEditing = signal(false);

function Console() {
  const lesson = desk.lesson.value;
  const ended = lesson.lesson.state === "ended";
  return (
    <div class="console">
      <Head desk={desk} />
      {/* Keys: without them the news would take the body's place, and every panel that is open below would close. */}
      {(isCut(desk) || desk.refusal.value) && (
        <div class="console__news" key="news">
          {isCut(desk) && <Status desk={desk} />}
          {desk.refusal.value && (
            <p class="status-strip tone-bad" role="alert">
              <Icon name="error" />
              {desk.refusal.value}
            </p>
          )}
        </div>
      )}
      {ended ? (
        <Ended />
      ) : (
        <div class="console__body" key="body">
          <div class="stack">
            <Stepper desk={desk} />
            {(lesson.current !== null || !isEditing.value) && <Asking desk={desk} activity={onStage(lesson)} />}
            <Hands desk={desk} />
            {isEditing.value ? (
              <Editor desk={desk} onClose={() => (isEditing.value = false)} />
            ) : (
              <Actions />
            )}
            <Stage />
            <section class="card console__more">
              <Inquiries desk={desk} />
              <Groups desk={desk} />
              <Goals desk={desk} />
              <Guests desk={desk} />
              <Team desk={desk} me={links.me} />
            </section>
            <Plan desk={desk} />
          </div>
          <div class="stack">
            <Meter desk={desk} />
            <Roster desk={desk} />
          </div>
        </div>
      )}
    </div>
  );
}

function isCut({ link }: Desk): boolean {
  return link.state.value === "offline" || link.state.value === "refused";
}

function Status({ desk: { link, pending } }: { desk: Desk }) {
  return <StatusStrip link={link.state} pending={pending} byHttp={byHttp} durable={false} onRetry={() => link.retry()} signInUrl={`/login?next=${encodeURIComponent(location.pathname)}`} />;
}

function Head({ desk }: { desk: Desk }) {
  const { lesson, link, pending } = desk;
  const now = lesson.value;
  const joined = Object.values(now.pupils).filter((pupil) => pupil.joined !== null).length;
  return (
    <header class="console__head">
      <div class="console__title">
        <h1>{[now.lesson.subject, t("Lớp {name}", { name: now.class_name })].filter(Boolean).join(" · ")}</h1>
        <p class="muted">
          {t("{n} em đã vào lớp", { n: joined })} / {Object.keys(now.pupils).length}
        </p>
      </div>
      {now.lesson.state !== "ended" && (
        <p class="console__code">
          <span class="muted">{t("Mã tham gia")}</span> <b>{`${now.lesson.code.slice(0, 3)} ${now.lesson.code.slice(3)}`}</b>
        </p>
      )}
      <div class="row">
        {!isCut(desk) && (link.state.value !== "online" || pending.value > 0) && <Status desk={desk} />}
        <a class="btn" href={links.screen} target="_blank" rel="noopener">
          <Icon name="screen" />
          {t("Màn hình chiếu")}
        </a>
        {now.lesson.state !== "ended" && now.teachers.some((one) => one.owner && one.id === links.me) && <End />}
      </div>
    </header>
  );
}

const wantsToEnd = signal(false);

/** Ending cannot be undone for the class, so it takes two taps at two places. */
function End() {
  if (!wantsToEnd.value) {
    return (
      <button type="button" class="btn btn--quiet" onClick={() => (wantsToEnd.value = true)}>
        <Icon name="stop" />
        {t("Kết thúc tiết học")}
      </button>
    );
  }
  return (
    <span class="row" role="group" aria-label={t("Kết thúc tiết học")}>
      <button type="button" class="btn btn--quiet" onClick={() => (wantsToEnd.value = false)}>
        {t("Học tiếp")}
      </button>
      <button type="button" class="btn btn--danger" onClick={() => void desk.end()}>
        {t("Kết thúc")}
      </button>
    </span>
  );
}

/** One tap each: what needs no preparation. */
function Actions() {
  return (
    <section class="card">
      <div class="row">
        <button type="button" class="btn" onClick={() => (isEditing.value = true)}>
          <Icon name="plus" />
          {t("Soạn câu hỏi")}
        </button>
        <TakePlan desk={desk} />
      </div>
      <h2 class="card__title">{t("Hỏi ngay, không cần soạn")}</h2>
      <div class="row">
        {READY_MADE.map((kind) => (
          <button type="button" class="btn" key={kind} onClick={() => void desk.quick(kind)}>
            {titleOf(kind)}
          </button>
        ))}
      </div>
    </section>
  );
}

/** The projector and the random picker. */
function Stage() {
  const { lesson, picked, pupils, activities } = desk.lesson.value;
  // Whom the class listened to is past once the next question is open, here as on the projector.
  const isNews = picked && !Object.values(activities).some((one) => (one.opened_at ?? 0) > picked.at);
  const name = isNews ? pupils[picked.pupil]?.name : undefined;
  return (
    <section class="card">
      <div class="row">
        <button type="button" class="btn" aria-pressed={lesson.blank} onClick={() => void desk.turn("blank", !lesson.blank)}>
          <Icon name={lesson.blank ? "eye" : "eye-off"} />
          {lesson.blank ? t("Chiếu lại") : t("Tắt màn hình chiếu")}
        </button>
        <button type="button" class="btn" onClick={() => void desk.pick()}>
          <Icon name="user" />
          {t("Gọi tên ngẫu nhiên")}
        </button>
        <label class="check">
          <input type="checkbox" checked={lesson.names} onChange={() => void desk.turn("names", !lesson.names)} />
          {t("Chiếu tên được gọi")}
        </label>
        <label class="check">
          <input type="checkbox" checked={lesson.asks_confidence} onChange={() => void desk.turn("asks_confidence", !lesson.asks_confidence)} />
          {t("Hỏi em có chắc không")}
        </label>
      </div>
      {name && (
        <p class="console__picked" role="status">
          {t("Mời em")} <b>{name}</b>
        </p>
      )}
    </section>
  );
}

function Ended() {
  return (
    <section class="card">
      <div class="empty">
        <Icon name="done" />
        <p class="empty__title">{t("Tiết học đã kết thúc")}</p>
        <p class="empty__why">{t("Câu trả lời của các em đã được lưu.")}</p>
        <a class="btn btn--main" href={links.after}>
          {t("Xem kết quả")}
        </a>
      </div>
    </section>
  );
}

ignoreStrayClicks();
void english().then(() => mount("console", <Console />));
