import { Icon } from "@app/icon";
import { StatusStrip } from "@app/status";
import { toast } from "@app/toasts";
import { signal, useSignalEffect } from "@preact/signals";
import { ActionBar } from "./action-bar";
import { Conflicts } from "./conflicts";
import { CorrectionDialog } from "./correction";
import { Details } from "./details";
import type { Pupil, State } from "./model";
import type { SheetStore } from "./store";
import { Tiles } from "./tiles";
import { t } from "./words";

/** The register of a class: everybody is present until a tap says otherwise. */
export function Sheet({ store }: { store: SheetStore }) {
  useSignalEffect(() => {
    const how = store.stored.value;
    if (how === undefined) return;
    store.stored.value = undefined;
    toast(how === "final" ? t("Đã gửi sổ điểm danh") : t("Đã lưu tạm sổ điểm danh"));
  });
  const { data } = store;
  const state = store.standing.value.state;
  const canTake = data.mayTake && state !== "locked" && state !== "not_held";
  const canCorrect = !data.mayTake && data.mayCorrect && (state === "provisional" || state === "submitted");
  return (
    <>
      <div class="row row--spread">
        <StateBadge state={state} />
        <Progress store={store} />
      </div>
      {store.link.value === "refused" && <SignInAgain address={data.urls.signIn} />}
      {store.problem.value !== "" && <Problem words={store.problem.value} />}
      <Conflicts store={store} />
      <Notice store={store} canTake={canTake} canCorrect={canCorrect} />
      {data.pupils.length > 0 && (
        <Tiles store={store} onDetails={canTake ? openDetails : openCorrection} mayTap={canTake} mayOpen={canTake || canCorrect} />
      )}
      {canTake && <p class="muted small sheet-keys">{t("Bàn phím: mũi tên để chuyển, P K T để ghi, Delete để xóa, Enter sang bạn kế, Shift+Enter để ghi chi tiết.")}</p>}
      {canTake && data.pupils.length > 0 && <ActionBar store={store} onDetails={openDetails} />}
      {detailed.value && canTake && <Details store={store} pupil={detailed.value} onClose={() => openDetails(undefined)} />}
      {corrected.value && canCorrect && (
        <CorrectionDialog store={store} pupil={corrected.value} onClose={() => openCorrection(undefined)} />
      )}
    </>
  );
}

const detailed = signal<Pupil | undefined>(undefined);
const corrected = signal<Pupil | undefined>(undefined);

function openDetails(pupil: Pupil | undefined): void {
  detailed.value = pupil;
}

function openCorrection(pupil: Pupil | undefined): void {
  corrected.value = pupil;
}

function StateBadge({ state }: { state: State }) {
  const [tone, icon] = LOOKS[state];
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {stateWords(state)}
    </span>
  );
}

const LOOKS: Readonly<Record<State, readonly [string, string]>> = {
  due: ["tone-warn", "warning"],
  open: ["tone-warn", "edit"],
  provisional: ["tone-info", "clock"],
  submitted: ["tone-good", "check"],
  locked: ["", "lock"],
  not_held: ["", "calendar"],
};

function stateWords(state: State): string {
  switch (state) {
    case "due":
      return t("Chưa điểm danh");
    case "open":
      return t("Đang điểm danh");
    case "provisional":
      return t("Lưu tạm");
    case "submitted":
      return t("Đã gửi");
    case "locked":
      return t("Đã khóa sổ");
    case "not_held":
      return t("Không học");
  }
}

/** Where the taps are: only here, on their way, stored, or cut off. */
function Progress({ store }: { store: SheetStore }) {
  const n = store.drafts.value.length;
  const isQuiet = store.link.value === "online" && store.pending.value === 0;
  if (isQuiet && n > 0) {
    return (
      <p class="status-strip tone-warn" role="status">
        <Icon name="edit" />
        {t("Chưa gửi {n} dấu", { n })}
      </p>
    );
  }
  if (isQuiet && store.standing.value.version === 0) return null;
  return <StatusStrip link={store.link} pending={store.pending} durable={store.durable} onRetry={() => store.retry()} />;
}

function SignInAgain({ address }: { address: string }) {
  return (
    <div class="alert tone-warn" role="alert">
      <Icon name="lock" />
      <div class="alert__body">
        <p>{t("Phiên đăng nhập đã hết. Những gì bạn ghi vẫn còn trên máy này và sẽ được gửi sau khi đăng nhập lại.")}</p>
        <p>
          <a class="btn" href={address}>
            {t("Đăng nhập lại")}
          </a>
        </p>
      </div>
    </div>
  );
}

function Problem({ words }: { words: string }) {
  return (
    <div class="alert tone-bad" role="alert">
      <Icon name="error" />
      <div class="alert__body">
        <p class="alert__title">{t("Chưa gửi được")}</p>
        <p>{words}</p>
      </div>
    </div>
  );
}

function Notice({ store, canTake, canCorrect }: { store: SheetStore; canTake: boolean; canCorrect: boolean }) {
  const words = noticeOf(store, canTake, canCorrect);
  if (words === "") return null;
  return (
    <div class="alert tone-info" role="status">
      <Icon name="info" />
      <div class="alert__body">
        <p>{words}</p>
      </div>
    </div>
  );
}

function noticeOf(store: SheetStore, canTake: boolean, canCorrect: boolean): string {
  if (store.data.pupils.length === 0) return t("Lớp chưa có học sinh trong ngày này. Hãy nhập danh sách lớp trước.");
  if (canTake) return "";
  if (canCorrect) return t("Chạm vào học sinh để sửa. Ghi của giáo viên vẫn được giữ bên cạnh.");
  if (store.data.mayCorrect && !store.data.mayTake) return t("Giáo viên chưa điểm danh buổi này; khi có sổ, bạn có thể sửa ở đây.");
  return t("Sổ này chỉ để xem.");
}
