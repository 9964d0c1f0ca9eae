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

const t = translator(en);

interface Island {
  readonly code: string;
  readonly lesson: number;
  readonly pupil: number | null;
  readonly state: { stage: Stage; mine: OwnAnswer | null } | null;
  readonly tiles: readonly NameTile[];
}

interface Session {
  readonly pupil: number;
  readonly answers: OwnAnswers;
  readonly link: Link;
}

/** After how long to ask again for a snapshot that did not come though the socket is there. */
const SYNC_AGAIN = 2000;

/** How often to look over HTTP while the socket is away. */
const LOOK_EVERY = 4000;

const island = islandData<Island>("pupil-data");
const session = signal<Session | null>(null);
const stage = signal<Stage | null>(null);
const door: Door = { name: "pupil", query: { lesson: String(island.lesson) } };

async function begin(seated: Seated): Promise<void> {
  const link = openDoor(door, "pupil_sync");
  const answers = await ownAnswers(island.lesson, seated.pupil, (tap) => askEitherWay(link, door, "answer", tap));
  const show = (state: { stage: Stage; mine?: OwnAnswer | null }) => {
    if (!stage.value || state.stage.seq >= stage.value.seq) stage.value = state.stage;
    if (state.mine !== undefined) answers.heard(state.mine);
  };
  show(seated);
  link.on<Stage>("stage", (next) => show({ stage: next }));
  link.on<OwnAnswer>("mine", (mine) => answers.heard(mine));
  link.onConnect(() => void synchronise(link, show, answers));
  document.addEventListener("visibilitychange", () => {
    void link.ask("pupil_pulse", { visible: document.visibilityState === "visible" });
    if (document.visibilityState === "visible") link.retry();
  });
  setInterval(() => void lookWithoutSocket(link, show), LOOK_EVERY);
  session.value = { pupil: seated.pupil, answers, link };
  answers.flush();
}

type Show = (state: { stage: Stage; mine?: OwnAnswer | null }) => void;

async function synchronise(link: Link, show: Show, answers: OwnAnswers): Promise<void> {
  const result = await link.ask<{ stage: Stage; mine: OwnAnswer | null }>("pupil_sync", {});
  if (result.ok) show(result.value);
  else if (result.kind === "unreachable" || result.kind === "failed") {
    setTimeout(() => link.state.value === "online" && void synchronise(link, show, answers), SYNC_AGAIN);
  }
  answers.flush();
}

async function lookWithoutSocket(link: Link, show: Show): Promise<void> {
  if (link.state.value !== "offline" || document.visibilityState !== "visible") return;
  const result = await askOverHttp<{ stage: Stage; mine: OwnAnswer | null }>(door, "pupil_sync", {});
  if (result.ok) show(result.value);
}

function Page() {
  const current = session.value;
  if (!current || !stage.value) {
    return <Join code={island.code} tiles={island.tiles} onSeated={(seated) => void begin(seated)} />;
  }
  const { answers, link, pupil } = current;
  if (link.state.value === "refused") return <TakenOver />;
  return (
    <>
      <div class="row row--spread">
        <p class="muted">{island.tiles.find((tile) => tile.id === pupil)?.name}</p>
        {link.state.value !== "online" && (
          <StatusStrip link={link.state} pending={answers.pending} durable={answers.durable} onRetry={() => link.retry()} />
        )}
      </div>
      <OnStage stage={stage.value} answers={answers} />
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
if (island.pupil !== null && island.state) void begin({ pupil: island.pupil, ...island.state });
