import { Icon } from "@app/icon";
import { toast } from "@app/toasts";
import { signal, useSignalEffect } from "@preact/signals";
import { ActionBar } from "./action-bar";
import { CorrectionDialog } from "./correction";
import { Details } from "./details";
import { LayoutSwitch, layout } from "./layout";
import type { Pupil, State } from "./model";
import { Quiet } from "./status";
import type { SheetStore } from "./store";
import { Suggestions } from "./suggestions";
import { Room, Tiles } from "./tiles";
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
  const Class = data.seats && layout.value === "room" ? Room : Tiles;
  const canCorrect = !data.mayTake && data.mayCorrect && (state === "provisional" || state === "submitted");
  return (
    <>
      <div class="row row--spread">
        <StateBadge state={state} />
        <Quiet store={store} />
        {data.seats && data.pupils.length > 0 && <LayoutSwitch />}
      </div>
      <Notice store={store} canTake={canTake} canCorrect={canCorrect} />
      {!canTake && <Leftover store={store} />}
      {canTake && <Suggestions store={store} />}
      {data.pupils.length > 0 && (
        <Class store={store} onDetails={canTake ? openDetails : openCorrection} mayTap={canTake} mayOpen={canTake || canCorrect} />
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

/** Taps that came too late to be sent: shown by name, so that they can be written elsewhere, and dropped by a person only. */
function Leftover({ store }: { store: SheetStore }) {
  const { pupils } = store.data;
  const left = store.drafts.value.map((one) => `${pupils.find((pupil) => pupil.id === one.pupil)?.name ?? ""}: ${one.letter || t("có mặt")}`);
  if (left.length === 0) return null;
  return (
    <div class="alert tone-warn" role="alert">
      <Icon name="warning" />
      <div class="alert__body">
        <p class="alert__title">{t("Dấu còn trên máy này nhưng sổ không nhận nữa")}</p>
        <p>{left.join(" · ")}</p>
        <p>
          <button type="button" class="btn" onClick={() => void store.dropDrafts()}>
            {t("Bỏ các dấu này")}
          </button>
        </p>
      </div>
    </div>
  );
}

function noticeOf(store: SheetStore, canTake: boolean, canCorrect: boolean): string {
  if (store.data.pupils.length === 0) return t("Lớp chưa có học sinh trong ngày này. Hãy nhập danh sách lớp trước.");
  if (canTake) return "";
  if (store.data.isClosed || store.standing.value.state === "not_held") return "";
  if (canCorrect) return t("Chạm vào học sinh để sửa. Ghi của giáo viên vẫn được giữ bên cạnh.");
  if (store.data.mayCorrect && !store.data.mayTake) return t("Giáo viên chưa điểm danh buổi này; khi có sổ, bạn có thể sửa ở đây.");
  return t("Sổ này chỉ để xem.");
}
