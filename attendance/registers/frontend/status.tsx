import { Icon } from "@app/icon";
import { StatusStrip } from "@app/status";
import type { SheetStore } from "./store";
import { t } from "./words";

/** At the head of the sheet, while nothing is wrong: how many taps wait for "Gửi", or that all is stored. */
export function Quiet({ store }: { store: SheetStore }) {
  if (isBusy(store)) return null;
  const n = store.drafts.value.length;
  if (n > 0) {
    return (
      <p class="status-strip tone-warn" role="status">
        <Icon name="edit" />
        {t("Chưa gửi {n} dấu", { n })}
      </p>
    );
  }
  return store.standing.value.version > 0 ? <Strip store={store} /> : null;
}

/** In thumb reach, wherever one has scrolled: on its way, cut off, signed out, refused. */
export function Trouble({ store }: { store: SheetStore }) {
  return (
    <>
      {isBusy(store) && <Strip store={store} />}
      {store.link.value === "refused" && <SignInAgain address={store.data.urls.signIn} />}
      {store.problem.value !== "" && <Problem words={store.problem.value} />}
    </>
  );
}

function isBusy(store: SheetStore): boolean {
  return store.link.value !== "online" || store.pending.value > 0;
}

function Strip({ store }: { store: SheetStore }) {
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
