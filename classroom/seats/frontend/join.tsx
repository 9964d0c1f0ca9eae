import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { request } from "@app/api";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import { forgetCard, keptCard } from "./card-code";
import type { OwnAnswer, Stage } from "../../ledger/frontend/stage";

const t = translator(en);

export interface NameTile {
  readonly id: number;
  readonly no: number;
  readonly name: string;
  readonly given: string;
  readonly away: boolean;
}

export interface Seated {
  /** Null for a guest. */
  readonly pupil: number | null;
  readonly guest?: string;
  readonly stage: Stage;
  readonly mine: OwnAnswer | null;
  readonly extra?: number;
  readonly now?: number;
}

interface Props {
  readonly code: string;
  readonly tiles: readonly NameTile[];
  readonly takesGuests?: boolean;
  readonly onSeated: (seated: Seated) => void;
}

const chosen = signal<NameTile | null>(null);
const fault = signal("");
const busy = signal(false);

/** Who are you: the class's names as tiles, then the code on the card. */
export function Join({ code, tiles, takesGuests = false, onSeated }: Props) {
  const tile = chosen.value;
  if (tile) return <Confirm code={code} tile={tile} onSeated={onSeated} />;
  return (
    <>
      <h1>{t("Em là ai?")}</h1>
      {takesGuests && (
        <a class="btn btn--quiet" href="#nickname">
          {t("Khách dự giờ")}
        </a>
      )}
      {fault.value && <Fault text={fault.value} />}
      {tiles.length === 0 && <p class="muted">{t("Danh sách lớp chưa có em nào. Em báo thầy cô nhé.")}</p>}
      <div class="tiles">
        {tiles.map((one) => (
          <button type="button" class={one.away ? "tile is-away" : "tile"} key={one.id} onClick={() => choose(one)}>
            <span class="tile__no">{one.no}</span>
            <span class="tile__name">
              {one.name.slice(0, one.name.length - one.given.length)}
              <b>{one.given}</b>
              {one.away && <span class="tile__note">{t("vắng")}</span>}
            </span>
          </button>
        ))}
      </div>
      {takesGuests && <GuestForm code={code} onSeated={onSeated} />}
    </>
  );
}

/** For observers and visitors: a nickname is all they give. */
function GuestForm({ code, onSeated }: { code: string; onSeated: (seated: Seated) => void }) {
  async function enter(event: Event): Promise<void> {
    event.preventDefault();
    const nickname = new FormData(event.target as HTMLFormElement).get("nickname");
    if (busy.value || typeof nickname !== "string") return;
    busy.value = true;
    fault.value = "";
    const result = await request<Omit<Seated, "pupil">>(`/j/${code}/guest`, { body: { nickname } });
    busy.value = false;
    if (result.ok) onSeated({ ...result.value, pupil: null });
    else fault.value = result.message || t("Chưa gửi được. Kiểm tra mạng rồi thử lại.");
  }
  return (
    <form class="form" onSubmit={(event) => void enter(event)}>
      <h2>{t("Khách dự giờ")}</h2>
      <div class="field">
        <label class="field__label" for="nickname">
          {t("Biệt danh, 2 đến 20 ký tự")}
        </label>
        <input class="input" id="nickname" name="nickname" minLength={2} maxLength={20} autocomplete="off" required />
      </div>
      <button type="submit" class="btn btn--large" aria-busy={busy.value}>
        {t("Vào với tư cách khách")}
      </button>
    </form>
  );
}

function choose(tile: NameTile | null): void {
  fault.value = "";
  chosen.value = tile;
}

function notMe(): void {
  forgetCard(sessionStorage);
  choose(null);
}

function Confirm({ code, tile, onSeated }: { code: string; tile: NameTile; onSeated: (seated: Seated) => void }) {
  async function confirm(event: Event): Promise<void> {
    event.preventDefault();
    const card = new FormData(event.target as HTMLFormElement).get("card");
    if (busy.value || typeof card !== "string") return;
    busy.value = true;
    fault.value = "";
    const result = await request<Seated>(`/j/${code}/seat`, { body: { pupil: tile.id, card } });
    busy.value = false;
    if (result.ok) {
      chosen.value = null;
      forgetCard(sessionStorage);
      onSeated(result.value);
    } else {
      fault.value = result.message || t("Chưa gửi được. Em kiểm tra mạng rồi thử lại.");
    }
  }

  const kept = keptCard(sessionStorage, Date.now());
  // The attribute `autofocus` works once in a document; a shared tablet asks for many cards.
  useEffect(() => document.getElementById(kept ? "enter" : "card")?.focus(), []);
  return (
    <form class="form" onSubmit={(event) => void confirm(event)}>
      <h1>{t("Chào em {name}", { name: tile.given })}</h1>
      <p class="muted">{tile.name}</p>
      <div class="field">
        <label class="field__label" for="card">
          {t("Mã 4 ký tự trên thẻ của em")}
        </label>
        {kept && (
          <p class="field__hint" id="card-kept">
            {t("Đã lấy từ thẻ em vừa quét")}
          </p>
        )}
        <input
          class="input input--code"
          id="card"
          name="card"
          maxLength={8}
          defaultValue={kept}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          required
          aria-invalid={fault.value ? true : undefined}
          aria-describedby={fault.value ? "card-fault" : kept ? "card-kept" : undefined}
        />
      </div>
      {fault.value && <Fault text={fault.value} />}
      <div class="form__actions">
        <button type="submit" class="btn btn--main btn--large" aria-busy={busy.value} id="enter">
          {t("Vào lớp")}
        </button>
        <button type="button" class="btn btn--quiet btn--large" onClick={() => notMe()}>
          {t("Không phải em")}
        </button>
      </div>
    </form>
  );
}

function Fault({ text }: { text: string }) {
  return (
    <div class="alert tone-bad" role="alert" id="card-fault">
      <Icon name="error" />
      <div class="alert__body">
        <p>{text}</p>
      </div>
    </div>
  );
}
