import type { ReadonlySignal } from "@preact/signals";
import en from "../translations/en.json";
import { translator } from "./i18n";
import { Icon } from "./icon";
import type { LinkState } from "./socket";

interface Props {
  readonly link: ReadonlySignal<LinkState>;
  /** How many things wait on this device. */
  readonly pending: ReadonlySignal<number>;
  /** Whether the server answers though there is no socket: then nothing is cut off. */
  readonly byHttp?: ReadonlySignal<boolean>;
  /** Whether what waits would survive closing the page. */
  readonly durable?: boolean;
  readonly onRetry?: () => void;
  /** Where to sign in again, for pages that need it; they lead back here. */
  readonly signInUrl?: string;
}

interface Look {
  readonly tone: string;
  readonly icon: string;
  readonly words: string;
  readonly spin?: boolean;
}

const t = translator(en);

/** Where the work of this device is: on its way, stored, or cut off but safe here. Always words, never colour alone. */
export function StatusStrip({ link, pending, byHttp, durable = true, onRetry, signInUrl }: Props) {
  const look = lookOf(link.value, pending.value, durable, byHttp?.value);
  return (
    <div class={`status-strip ${look.tone}`}>
      <Icon name={look.icon} spin={look.spin ?? false} />
      <span role="status">{look.words}</span>
      {signInUrl && link.value === "refused" && (
        <a class="btn" href={signInUrl}>
          {t("Đăng nhập lại")}
        </a>
      )}
      {onRetry && (link.value === "offline" || link.value === "refused") && (
        <button type="button" class="btn btn--quiet" onClick={onRetry}>
          {t("Thử lại")}
        </button>
      )}
    </div>
  );
}

/** What the strip says; exported for its test. */
export function lookOf(link: LinkState, pending: number, durable: boolean, byHttp = false): Look {
  if (link === "refused") return { tone: "tone-bad", icon: "lock", words: withCount(t("Bạn đã đăng xuất"), pending) };
  if (link === "offline" && byHttp && pending === 0) return { tone: "tone-info", icon: "online", words: t("Kết nối chậm, vẫn gửi và nhận được") };
  if (link === "offline" && !byHttp) return { tone: "tone-warn", icon: "offline", words: withCount(cutOff(pending, durable), pending) };
  if (link === "connecting") return { tone: "", icon: "sync", words: t("Đang kết nối…"), spin: true };
  if (pending > 0) return { tone: "tone-info", icon: "sync", words: withCount(t("Đang gửi…"), pending), spin: true };
  return { tone: "tone-good", icon: "check", words: t("Đã lưu") };
}

function cutOff(pending: number, durable: boolean): string {
  if (pending === 0) return t("Mất kết nối");
  return durable ? t("Mất kết nối – đã lưu trên máy này") : t("Mất kết nối – đừng đóng trang này");
}

function withCount(words: string, pending: number): string {
  return pending > 0 ? `${words} (${t("{n} chờ gửi", { n: pending })})` : words;
}
