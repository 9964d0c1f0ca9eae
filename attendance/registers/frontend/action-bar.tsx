import { Icon } from "@app/icon";
import { toast } from "@app/toasts";
import { Conflicts } from "./conflicts";
import { type Code, isEvent, isOffered, type Pupil, shortName, type Totals, totalsOf } from "./model";
import { Trouble } from "./status";
import type { SheetStore } from "./store";
import { t } from "./words";

interface Props {
  readonly store: SheetStore;
  readonly onDetails: (pupil: Pupil) => void;
}

/** In thumb reach: who is missing, large; what it adds up to; one main button. */
export function ActionBar({ store, onDetails }: Props) {
  const { codes, pupils } = store.data;
  const totals = totalsOf(
    pupils.map((pupil) => store.letterOf(pupil.id)),
    codes,
  );
  const isAllPresent = Object.keys(totals.byLetter).length === 0;
  return (
    <div class="action-bar sheet-bar">
      <Trouble store={store} />
      <Conflicts store={store} />
      <Missing store={store} onDetails={onDetails} />
      <div class="sheet-totals">
        <p role="status">
          <Sums totals={totals} codes={codes} />
        </p>
        {!isAllPresent && (
          <button type="button" class="btn btn--quiet" onClick={() => void allPresent(store)}>
            {t("Cả lớp có mặt")}
          </button>
        )}
      </div>
      <Buttons store={store} />
    </div>
  );
}

function Sums({ totals, codes }: { totals: Totals; codes: readonly Code[] }) {
  return (
    <>
      <b>
        {totals.present}/{totals.expected}
        <span class="sheet-words"> {t("có mặt")}</span>
      </b>
      {codes.map((code) => {
        const n = totals.byLetter[code.letter] ?? 0;
        if (n === 0 && !isOffered(code)) return null;
        return (
          <span key={code.letter} class="sheet-sum">
            <span class="mark" data-mark={code.letter} aria-hidden="true">
              {code.letter}
            </span>
            <span class="visually-hidden">{code.name}: </span>
            {n}
          </span>
        );
      })}
    </>
  );
}

/** So many who are away together are told as one. */
const MANY = 3;

/** Who is not simply present, by name; each opens the details of that pupil. */
function Missing({ store, onDetails }: Props) {
  const { codes, pupils } = store.data;
  const event = codes.find(isEvent)?.letter;
  const away = pupils.filter((pupil) => store.letterOf(pupil.id) === event);
  const isTrip = away.length >= MANY;
  const marked = pupils.filter((pupil) => store.letterOf(pupil.id) !== "" && !(isTrip && away.includes(pupil)));
  if (marked.length === 0 && !isTrip) return <p class="sheet-missing">{t("Cả lớp có mặt, không ai vắng")}</p>;
  return (
    <ul class="sheet-missing" aria-label={t("Vắng và trễ")}>
      {isTrip && (
        <li class="sheet-chip" data-mark={event}>
          {t("{n} em đi hoạt động", { n: away.length })} <b>{event}</b>
        </li>
      )}
      {marked.map((pupil) => {
        const letter = store.letterOf(pupil.id);
        const code = codes.find((found) => found.letter === letter);
        return (
          <li key={pupil.id}>
            <button type="button" class="sheet-chip" data-mark={letter} onClick={() => onDetails(pupil)}>
              {shortName(pupil.name)} <b>{letter}</b>
              <span class="visually-hidden">
                {code?.name}. {t("Ghi chi tiết")}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Buttons({ store }: { store: SheetStore }) {
  const { state } = store.standing.value;
  const isSubmitted = state === "submitted";
  const isSettling = store.conflicts.value.length > 0;
  const isPending = store.pending.value > 0;
  if ((isSubmitted || isPending) && store.drafts.value.length === 0) return <Done isPending={isPending} />;
  return (
    <div class="sheet-buttons">
      {!isSubmitted && (
        <button type="button" class="btn" disabled={isSettling} onClick={() => void store.save("provisional")}>
          <span>
            {t("Lưu tạm")}
            <small>{t("đầu tiết 1")}</small>
          </span>
        </button>
      )}
      <button type="button" class="btn btn--main" disabled={isSettling} onClick={() => void store.save("final")}>
        <Icon name="send" />
        {isSubmitted ? t("Gửi thay đổi") : t("Gửi sổ điểm danh")}
      </button>
    </div>
  );
}

function Done({ isPending }: { isPending: boolean }) {
  return (
    <div class="sheet-buttons">
      <p class="small muted">
        {isPending
          ? t("Sổ đang nằm trong máy này và tự gửi khi có mạng.")
          : t("Sổ đã gửi. Cần sửa thì chạm vào tên rồi gửi lại.")}
      </p>
      <a class="btn" href="/">
        <Icon name="home" />
        {t("Trang chính")}
      </a>
    </div>
  );
}

async function allPresent(store: SheetStore): Promise<void> {
  const undo = await store.markAllPresent();
  toast(t("Cả lớp có mặt"), { label: t("Hoàn tác"), run: undo });
}
