import { civilDay, formatDate, formatTime } from "@app/i18n";
import { Icon } from "@app/icon";
import { canSeal } from "@app/vault";
import type { SheetData } from "../../registers/frontend/store";
import type { Counts, Waiting } from "./waiting";
import { t } from "./words";

/** Over a sheet that the device shows by itself: which one it is, and that it comes from the device. */
export function SheetHead({ sheet }: { sheet: SheetData }) {
  return (
    <div class="page-head">
      <div class="page-head__text">
        <h1>{t("Lớp {name}", { name: sheet.className })}</h1>
        <p class="page-head__lead">
          {sheet.title} · {formatDate(sheet.day)} · {t("mở từ máy này")}
          {sheet.asOf && Object.keys(sheet.suggestions).length > 0 && (
            <>
              <br />
              {t("Gợi ý lúc {time} ngày {day}, khi máy tải sổ", { time: formatTime(new Date(sheet.asOf)), day: formatDate(sheet.asOf) })}
            </>
          )}
        </p>
      </div>
      <div class="page-head__actions">
        <a class="btn btn--quiet" href="/offline">
          <Icon name="list" />
          {t("Sổ trên máy này")}
        </a>
      </div>
    </div>
  );
}

interface Props {
  readonly name: string;
  readonly sheets: readonly SheetData[];
  readonly waiting: Waiting;
}

/** The sheets that this device keeps, with what waits on each: today's first, the days before it folded away. */
export function KeptList({ name, sheets, waiting }: Props) {
  const days = [...new Set(sheets.map((sheet) => sheet.day))];
  const today = civilDay(new Date());
  const toCome = days.filter((day) => day >= today);
  const past = days.filter((day) => day < today).reverse();
  const of = (day: string): readonly SheetData[] => sheets.filter((sheet) => sheet.day === day);
  const others = [...waiting.registers.keys()].filter((id) => !sheets.some((sheet) => sheet.register === id));
  return (
    <>
      <Head lead={t("{name} · mở được cả khi mất mạng", { name })} />
      {others.length > 0 && (
        <section class="card">
          <h2 class="card__title">{t("Sổ khác còn dấu trên máy này")}</h2>
          <ul class="list">
            {others.map((id) => (
              <li key={id} class="kept">
                <a class="kept__link" href={`/registers/${id}`}>
                  <Icon name="register" />
                  {t("Mở sổ")}
                </a>
                <State counts={waiting.registers.get(id)} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {toCome.map((day) => (
        <Day key={day} day={day} sheets={of(day)} waiting={waiting} />
      ))}
      {past.length > 0 && (
        <details class="disclosure" open={past.some((day) => of(day).some((sheet) => waiting.registers.has(sheet.register)))}>
          <summary>
            <Icon name="right" />
            {t("Những ngày trước ({n})", { n: past.length })}
          </summary>
          <div class="stack">
            {past.map((day) => (
              <Day key={day} day={day} sheets={of(day)} waiting={waiting} />
            ))}
          </div>
        </details>
      )}
      {days.length === 0 && <p class="muted">{t("Chưa có sổ nào trên máy này. Sổ được tải về khi có mạng và bạn đã đăng nhập.")}</p>}
    </>
  );
}

function Day({ day, sheets, waiting }: SomeSheets & { readonly day: string }) {
  return (
    <section class="card">
      <h2 class="card__title">{weekday(day)}</h2>
      <Lines sheets={sheets.filter((sheet) => !isPeriod(sheet))} waiting={waiting} />
      <Periods sheets={sheets.filter(isPeriod)} waiting={waiting} />
    </section>
  );
}

function State({ counts }: { counts: Counts | undefined }) {
  if (!counts) return null;
  const { saves, drafts, conflicts } = counts;
  return (
    <span class="kept__state">
      {conflicts > 0 && <Badge tone="warn" icon="warning" words={t("{n} dấu cần chọn", { n: conflicts })} />}
      {saves > 0 && <Badge tone="info" icon="sync" words={t("Đang chờ gửi")} />}
      {drafts > 0 && <Badge tone="warn" icon="edit" words={t("{n} dấu chưa gửi", { n: drafts })} />}
    </span>
  );
}

function Badge({ tone, icon, words }: { tone: string; icon: string; words: string }) {
  return (
    <span class={`badge tone-${tone}`}>
      <Icon name={icon} />
      {words}
    </span>
  );
}

/** Nobody is signed in as far as this device knows: what waits is sealed, what was kept ahead is gone. */
export function Locked() {
  return (
    <>
      <Head lead={t("Chưa có mạng, hoặc phiên đăng nhập trên máy này đã hết.")} />
      {!canSeal() && <Note icon="info" words={t("Trình duyệt chỉ giữ được sổ trên máy khi trang dùng HTTPS.")} />}
      <Note
        icon="lock"
        words={t("Vì an toàn, sổ trên máy được xóa khi bạn đăng xuất hoặc khi phiên đăng nhập hết hạn. Dấu chưa gửi vẫn được giữ kín và sẽ được gửi sau khi chính bạn đăng nhập lại.")}
      />
      <p class="row">
        <a class="btn btn--main" href="/login">
          {t("Đăng nhập lại")}
        </a>
        <Again />
      </p>
    </>
  );
}

/** A register that the device does not keep. */
export function Missing() {
  return (
    <>
      <Head lead={t("Chưa có mạng.")} />
      <Note icon="offline" words={t("Sổ này chưa được tải về máy. Khi có mạng, hãy mở lại.")} />
      <p class="row">
        <Again />
        <a class="btn" href="/offline">
          {t("Sổ trên máy này")}
        </a>
      </p>
    </>
  );
}

function Head({ lead }: { lead: string }) {
  return (
    <div class="page-head">
      <div class="page-head__text">
        <h1>{t("Sổ trên máy này")}</h1>
        <p class="page-head__lead">{lead}</p>
      </div>
      <div class="page-head__actions">
        <a class="btn btn--quiet" href="/">
          <Icon name="home" />
          {t("Trang chính")}
        </a>
      </div>
    </div>
  );
}

/** A civil day in words: "Thứ Hai, 05/10/2026". */
function weekday(day: string): string {
  const names = [t("Chủ nhật"), t("Thứ Hai"), t("Thứ Ba"), t("Thứ Tư"), t("Thứ Năm"), t("Thứ Sáu"), t("Thứ Bảy")];
  return `${names[new Date(`${day}T00:00:00Z`).getUTCDay()]}, ${formatDate(day)}`;
}

function Note({ icon, words }: { icon: string; words: string }) {
  return (
    <div class="alert tone-info" role="status">
      <Icon name={icon} />
      <div class="alert__body">
        <p>{words}</p>
      </div>
    </div>
  );
}

function Again() {
  return (
    <button type="button" class="btn" onClick={() => location.reload()}>
      {t("Thử lại")}
    </button>
  );
}

/** A period's slot is its session's and its number: 12 is the second of the morning. */
function isPeriod(sheet: SheetData): boolean {
  return sheet.slot > 9;
}

type SomeSheets = Pick<Props, "sheets" | "waiting">;

/** One's own lessons of a day, folded away: most classes are taken once a session. What waits is said outside. */
function Periods({ sheets, waiting }: SomeSheets) {
  if (sheets.length === 0) return null;
  const isWaiting = sheets.some((sheet) => waiting.registers.has(sheet.register));
  return (
    <details class="disclosure" open={isWaiting}>
      <summary>
        <Icon name="right" />
        {t("Từng tiết của bạn ({n})", { n: sheets.length })}
      </summary>
      <Lines sheets={sheets} waiting={waiting} />
    </details>
  );
}

function Lines({ sheets, waiting }: SomeSheets) {
  if (sheets.length === 0) return null;
  return (
    <ul class="list">
      {sheets.map((sheet) => (
        <li key={sheet.register} class="kept">
          <a class="kept__link" href={`/registers/${sheet.register}`}>
            <Icon name="register" />
            {t("Lớp {name}", { name: sheet.className })} · {sheet.title}
          </a>
          <State counts={waiting.registers.get(sheet.register)} />
        </li>
      ))}
    </ul>
  );
}
