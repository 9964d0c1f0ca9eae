import { signal } from "@preact/signals";
import { translator } from "@app/i18n";
import { islandData, mount } from "@app/island";
import type { Link } from "@app/socket";
import { StatusStrip } from "@app/status";
import en from "../../translations/en.json";
import { askEitherWay, askOverHttp, type Door, openDoor } from "../../ledger/frontend/live";
import type { OwnAnswer, Stage } from "../../ledger/frontend/stage";
import { OnStage } from "./answer";
import { Join, type NameTile, type Seated } from "./join";
import { type OwnAnswers, ownAnswers } from "./own-answers";
import { heardClock } from "../../ledger/frontend/countdown";
import "../../ledger/frontend/inputs.css";

const t = translator(en);

interface PupilState {
  readonly stage: Stage;
  readonly mine?: OwnAnswer | null;
  readonly extra?: number;
  readonly now?: number;
}

interface Island {
  readonly code: string;
  readonly lesson: number;
  readonly pupil: number | null;
  readonly state: PupilState | null;
  readonly tiles: readonly NameTile[];
}

interface Session {
  readonly pupil: number;
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

/** The tablet goes to the next pupil: the names are shown again while this seat still holds. */
const isHandedOn = signal(false);
const door: Door = { name: "pupil", query: { lesson: String(island.lesson) } };

async function begin(seated: Seated): Promise<void> {
  session.value?.end();
  isHandedOn.value = false;
  const link = openDoor(door, "pupil_sync");
  const answers = await ownAnswers(island.lesson, seated.pupil, (tap) => askEitherWay(link, door, "answer", tap));
  const show = (state: PupilState) => {
    if (!stage.value || state.stage.seq >= stage.value.seq) stage.value = state.stage;
    if (state.mine !== undefined) answers.heard(state.mine);
    if (state.extra !== undefined) extra.value = state.extra;
    heardClock(state.now ?? state.stage.now);
  };
  show(seated);
  link.on<Stage>("stage", (next) => {
    const wasRevealed = stage.value?.activity?.phase === "revealed";
    show({ stage: next });
    // What one's own answer earned is told to its pupil only, so it is asked for.
    if (next.activity?.phase === "revealed" && !wasRevealed) setTimeout(() => void synchronise(link, show, answers), Math.random() * 500);
  });
  link.on<{ extra: number }>("extra", (news) => (extra.value = news.extra));
  link.on<OwnAnswer>("mine", (mine) => answers.heard(mine));
  link.onConnect(() => void synchronise(link, show, answers));
  const noteVisible = () => {
    void link.ask("pupil_pulse", { visible: document.visibilityState === "visible" });
    if (document.visibilityState === "visible") link.retry();
  };
  document.addEventListener("visibilitychange", noteVisible);
  const looking = setInterval(() => void lookWithoutSocket(link, show), LOOK_EVERY);
  const end = () => {
    document.removeEventListener("visibilitychange", noteVisible);
    clearInterval(looking);
    link.close();
  };
  session.value = { pupil: seated.pupil, answers, link, end };
  answers.flush();
}

type Show = (state: PupilState) => void;

async function synchronise(link: Link, show: Show, answers: OwnAnswers): Promise<void> {
  const result = await link.ask<PupilState>("pupil_sync", {});
  if (result.ok) show(result.value);
  else if (result.kind === "unreachable" || result.kind === "failed") {
    setTimeout(() => link.state.value === "online" && void synchronise(link, show, answers), SYNC_AGAIN);
  }
  answers.flush();
}

async function lookWithoutSocket(link: Link, show: Show): Promise<void> {
  if (link.state.value !== "offline" || document.visibilityState !== "visible") return;
  const result = await askOverHttp<PupilState>(door, "pupil_sync", {});
  if (result.ok) show(result.value);
}

function Page() {
  const current = session.value;
  if (current && isHandedOn.value) return <HandedOn />;
  if (!current || !stage.value) {
    return <Join code={island.code} tiles={island.tiles} onSeated={(seated) => void begin(seated)} />;
  }
  const { answers, link, pupil } = current;
  const canHandOn = stage.value.state !== "ended" && answers.pending.value === 0;
  if (link.state.value === "refused") return <TakenOver />;
  return (
    <>
      <div class="row row--spread">
        <p class="muted">{island.tiles.find((tile) => tile.id === pupil)?.name}</p>
        {link.state.value !== "online" && (
          <StatusStrip link={link.state} pending={answers.pending} durable={answers.durable} onRetry={() => link.retry()} />
        )}
      </div>
      <OnStage stage={stage.value} answers={answers} extra={extra.value} />
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

mount("pupil", <Page />);
if (island.pupil !== null && island.state) void begin({ pupil: island.pupil, mine: null, ...island.state });
