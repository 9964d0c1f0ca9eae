import type { FunctionComponent } from "preact";
import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { islandData, mount } from "@app/island";
import type { Link } from "@app/socket";
import { StatusStrip } from "@app/status";
import { en, english } from "../../ledger/frontend/english";
import { askEitherWay, askOverHttp, byHttp, type Door, openDoor } from "../../ledger/frontend/live";
import { learnMaths } from "../../ledger/frontend/rich";
import type { OwnAnswer, Stage } from "../../ledger/frontend/stage";
import { OnStage } from "./answer";
import type { BesideProps, Own } from "./beside";
import { keepLesson, keptCard } from "./card-code";
import { Join, type NameTile, type Seated } from "./join";
import { type OwnAnswers, ownAnswers } from "./own-answers";
import { isToGuest } from "../../ledger/frontend/addressing";
import { heardClock } from "../../ledger/frontend/countdown";
import "../../ledger/frontend/inputs.css";

const t = translator(en);

interface PupilState extends Own {
  readonly stage: Stage;
  readonly mine?: OwnAnswer | null;
  readonly extra?: number;
  readonly now?: number;
}

interface Island {
  readonly code: string;
  readonly lesson: number;
  readonly pupil: number | null;
  readonly guest: string | null;
  readonly takesGuests: boolean;
  readonly state: PupilState | null;
  readonly tiles: readonly NameTile[];
}

interface Session {
  readonly pupil: number | null;
  readonly guest: string | null;
  readonly door: Door;
  readonly answers: OwnAnswers;
  readonly link: Link;
  /** Stops listening; what was stored stays stored. */
  end(): void;
}

/** After how long to ask again for a snapshot that did not come though the socket is there. */
const SYNC_AGAIN = 2000;

/** How often to look over HTTP while the socket is away. */
const LOOK_EVERY = 4000;

const island = islandData<Island>("pupil-data");
const session = signal<Session | null>(null);
const stage = signal<Stage | null>(null);
const extra = signal(0);
const own = signal<Own>({});

/** Hand, meter and questions come after the page: a slow phone shows the question first. */
const Beside = signal<{ readonly is: FunctionComponent<BesideProps> } | null>(null);

/** The tablet goes to the next pupil: the names are shown again while this seat still holds. */
const isHandedOn = signal(false);
const query = { lesson: String(island.lesson) };

async function begin(seated: Seated): Promise<void> {
  session.value?.end();
  isHandedOn.value = false;
  const isGuest = seated.pupil === null;
  isToGuest.value = isGuest;
  const door: Door = { name: isGuest ? "guest" : "pupil", query };
  const sync = isGuest ? "guest_sync" : "pupil_sync";
  const link = openDoor(door, sync);
  const answers = await ownAnswers(island.lesson, seated.pupil ?? "guest", (tap) => askEitherWay(link, door, isGuest ? "guest_answer" : "answer", tap));
  own.value = {};
  const show = (state: PupilState) => {
    learnMaths(state.stage.activity?.maths);
    if (!stage.value || state.stage.seq >= stage.value.seq) stage.value = state.stage;
    if (state.mine !== undefined) answers.heard(state.mine);
    if (state.extra !== undefined) extra.value = state.extra;
    know(state);
    heardClock(state.now ?? state.stage.now);
  };
  show(seated);
  link.on<Stage>("stage", (next) => {
    const wasRevealed = stage.value?.activity?.phase === "revealed";
    const offered = JSON.stringify(stage.value?.offers);
    show({ stage: next });
    // What one's own answer earned is told to its pupil only, so it is asked for; so is what belongs to a new offer.
    const isDue = (next.activity?.phase === "revealed" && !wasRevealed) || JSON.stringify(next.offers) !== offered;
    if (isDue) setTimeout(() => void synchronise(link, sync, show, answers), Math.random() * 500);
  });
  link.on<Own>("hand", know);
  link.on<Own>("group", know);
  link.on<{ id: number; state: "shown" | "hidden" | "answered" | "waiting" }>("asked", (news) =>
    know({ asked: (own.value.asked ?? []).map((one) => (one.id === news.id ? { ...one, state: news.state } : one)) }),
  );
  link.on<{ extra: number }>("extra", (news) => (extra.value = news.extra));
  link.on<OwnAnswer>("mine", (mine) => answers.heard(mine));
  link.onConnect(() => void synchronise(link, sync, show, answers));
  const noteVisible = () => {
    if (!isGuest) void link.ask("pupil_pulse", { visible: document.visibilityState === "visible" });
    if (document.visibilityState === "visible") link.retry();
  };
  document.addEventListener("visibilitychange", noteVisible);
  // A new connection counts as looked at; one that came about in a dark pocket says so.
  link.onConnect(() => document.visibilityState === "hidden" && noteVisible());
  const looking = setInterval(() => void lookWithoutSocket(link, door, sync, show), LOOK_EVERY);
  const end = () => {
    document.removeEventListener("visibilitychange", noteVisible);
    clearInterval(looking);
    link.close();
  };
  session.value = { pupil: seated.pupil, guest: seated.guest ?? null, door, answers, link, end };
  answers.flush();
  if (!isGuest && !Beside.value) void import("./beside").then((made) => (Beside.value = { is: made.Beside }), () => undefined);
}

/** Keeps what is told to this pupil alone. */
function know(news: Own): void {
  const { hand, feels, asked, voted, group, sure } = news;
  const told = Object.fromEntries(Object.entries({ hand, feels, asked, voted, group, sure }).filter(([, value]) => value !== undefined));
  if (Object.keys(told).length > 0) own.value = { ...own.value, ...told };
}

type Show = (state: PupilState) => void;

async function synchronise(link: Link, sync: string, show: Show, answers: OwnAnswers): Promise<void> {
  const result = await link.ask<PupilState>(sync, {});
  if (result.ok) show(result.value);
  else if (result.kind === "unreachable" || result.kind === "failed") {
    setTimeout(() => link.state.value === "online" && void synchronise(link, sync, show, answers), SYNC_AGAIN);
  }
  answers.flush();
}

async function lookWithoutSocket(link: Link, door: Door, sync: string, show: Show): Promise<void> {
  if (link.state.value !== "offline" || document.visibilityState !== "visible") return;
  const result = await askOverHttp<PupilState>(door, sync, {});
  if (result.ok) show(result.value);
}

function Page() {
  const current = session.value;
  if (current && isHandedOn.value) return <HandedOn />;
  if (!current || !stage.value) {
    return <Join code={island.code} tiles={island.tiles} takesGuests={island.takesGuests} onSeated={(seated) => void begin(seated)} />;
  }
  const { answers, door, guest, link, pupil } = current;
  const activity = stage.value.activity;
  const canHandOn = pupil !== null && stage.value.state !== "ended" && answers.pending.value === 0;
  if (link.state.value === "refused") return guest === null ? <TakenOver /> : <ShownOut />;
  const More = pupil === null ? null : Beside.value?.is;
  return (
    <>
      <div class="row row--spread">
        <p class="muted">{guest === null ? island.tiles.find((tile) => tile.id === pupil)?.name : t("Khách: {name}", { name: guest })}</p>
        {link.state.value !== "online" && (
          <StatusStrip link={link.state} pending={answers.pending} byHttp={byHttp} durable={answers.durable} onRetry={() => link.retry()} />
        )}
      </div>
      <OnStage stage={stage.value} answers={answers} extra={extra.value} wire={current} />
      {More && (
        <More
          key={pupil}
          stage={stage.value}
          own={own.value}
          answer={activity ? answers.uuid(activity) : null}
          send={(event, payload) => askEitherWay(link, door, event, payload)}
          know={know}
        />
      )}
      {canHandOn && (
        <button type="button" class="btn btn--quiet" onClick={() => (isHandedOn.value = true)}>
          {t("Chuyển máy cho bạn khác")}
        </button>
      )}
    </>
  );
}

/** The next pupil's name and card; until then the seat is still the first one's. */
function HandedOn() {
  return (
    <>
      <Join code={island.code} tiles={island.tiles} onSeated={(seated) => void begin(seated)} />
      <button type="button" class="btn btn--quiet" onClick={() => (isHandedOn.value = false)}>
        {t("Quay lại câu hỏi")}
      </button>
    </>
  );
}

function TakenOver() {
  return (
    <div class="empty">
      <p class="empty__title">{t("Em đang dùng máy khác")}</p>
      <p class="empty__why">{t("Muốn trả lời bằng máy này, em chọn lại tên và nhập mã thẻ.")}</p>
      <button type="button" class="btn btn--main" onClick={() => location.reload()}>
        {t("Chọn lại tên")}
      </button>
    </div>
  );
}

function ShownOut() {
  return (
    <div class="empty">
      <p class="empty__title">{t("Thầy cô đã mời khách ra khỏi tiết học")}</p>
    </div>
  );
}

/**
 * Notes the lesson for whoever scans a card next, and says whether somebody has: the tablet is in the next pupil's hands.
 * Storage may be switched off; then a scanned card asks for the lesson's code, and all else works.
 */
function hasScannedCard(): boolean {
  try {
    keepLesson(localStorage, island.code, Date.now());
    return keptCard(sessionStorage, Date.now()) !== "";
  } catch {
    return false;
  }
}

void english().then(() => mount("pupil", <Page />));
if (island.state && island.pupil !== null) void begin({ pupil: island.pupil, mine: null, ...island.state });
else if (island.state && island.guest !== null) void begin({ pupil: null, guest: island.guest, mine: null, ...island.state });
isHandedOn.value = hasScannedCard();
