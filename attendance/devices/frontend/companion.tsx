import { Icon } from "@app/icon";
import type { LinkState } from "@app/socket";
import type { ReadonlySignal } from "@preact/signals";
import type { Counts } from "./waiting";
import { t } from "./words";

interface Props {
  readonly link: ReadonlySignal<LinkState>;
  readonly waiting: ReadonlySignal<Counts | undefined>;
}

interface Look {
  readonly tone: string;
  readonly icon: string;
  readonly words: string;
}

/** In the head of every page: whether everything is sent, or what waits on this device, in words. Leads to the list. */
export function DeviceStatus({ link, waiting }: Props) {
  const { tone, icon, words } = lookOf(link.value, waiting.value);
  return (
    <a class={`device-status ${tone}`} href="/offline" title={t("Sổ trên máy này")}>
      <Icon name={icon} />
      <span role="status">{words}</span>
    </a>
  );
}

/** What the head of a page says; what a person must decide comes first. Until the device has counted it says nothing. */
export function lookOf(link: LinkState, waiting: Counts | undefined): Look {
  if (!waiting) return { tone: "", icon: "sync", words: "" };
  const { saves, drafts, conflicts } = waiting;
  const parts = [
    conflicts > 0 ? t("{n} dấu cần chọn", { n: conflicts }) : "",
    saves > 0 ? t("{n} sổ chờ gửi", { n: saves }) : "",
    drafts > 0 ? t("{n} dấu chưa gửi", { n: drafts }) : "",
  ].filter(Boolean);
  const rest = parts.join(" · ");
  if (conflicts > 0) return { tone: "is-warn", icon: "warning", words: rest };
  if (link === "refused") return { tone: "is-warn", icon: "lock", words: rest ? `${t("Đăng nhập lại")} · ${rest}` : t("Đăng nhập lại") };
  if (link === "offline") return { tone: "is-warn", icon: "offline", words: rest || t("Mất kết nối") };
  if (saves > 0) return { tone: "is-warn", icon: "sync", words: rest };
  if (drafts > 0) return { tone: "is-warn", icon: "edit", words: rest };
  return { tone: "", icon: "check", words: t("Đã gửi hết") };
}
