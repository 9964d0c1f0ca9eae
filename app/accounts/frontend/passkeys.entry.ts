import { request } from "@app/api";
import { translator } from "@app/i18n";
import en from "../../translations/en.json";
import { asJson, forMaking, forUsing, type MakeOptions, type UseOptions } from "./webauthn";

const t = translator(en);

interface Asked<T> {
  readonly options: T;
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
  if (!window.isSecureContext || !window.PublicKeyCredential) {
    refuse(form, t("Trình duyệt này chưa dùng được khóa truy cập. Hãy dùng mã xác thực."));
    form.querySelector("button[type=submit]")?.setAttribute("disabled", "");
  } else {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void talk(form);
    });
  }
}

/** Asks the server what to ask the device, asks the device, and sends the form with the device's answer. */
async function talk(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  refuse(form, "");
  try {
    const credential = await ask(form);
    const field = form.elements.namedItem("credential");
    if (credential && field instanceof HTMLInputElement) {
      field.value = asJson(credential);
      form.submit();
      return;
    }
  } catch (error) {
    refuse(form, explained(error));
  }
  button.removeAttribute("aria-busy");
}

async function ask(form: HTMLFormElement): Promise<PublicKeyCredential | undefined> {
  const password = form.elements.namedItem("password");
  const body = password instanceof HTMLInputElement ? { password: password.value } : {};
  const url = form.dataset["challenge"] ?? "";
  const found = await request<Asked<MakeOptions & UseOptions>>(url, { body });
  if (!found.ok) {
    refuse(form, found.message || t("Máy chủ chưa trả lời. Hãy kiểm tra mạng rồi thử lại."));
    return undefined;
  }
  const credential =
    form.dataset["passkey"] === "make"
      ? await navigator.credentials.create({ publicKey: forMaking(found.value.options) })
      : await navigator.credentials.get({ publicKey: forUsing(found.value.options) });
  return credential instanceof PublicKeyCredential ? credential : undefined;
}

/** A browser gives few reasons, on purpose: cancelled, too late and "no such key here" are one. */
function explained(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "InvalidStateError") return t("Thiết bị này đã có khóa truy cập của tài khoản rồi.");
  if (name === "SecurityError") return t("Khóa truy cập không dùng được ở địa chỉ này. Hãy mở trang bằng địa chỉ chính thức.");
  if (name === "NotSupportedError" || name === "ConstraintError") {
    return t("Thiết bị này không tạo được khóa truy cập phù hợp. Hãy đặt mã PIN hoặc vân tay cho máy, hoặc dùng cách khác.");
  }
  if (name === "NotAllowedError" || name === "AbortError") {
    return t("Chưa xác nhận được: bạn đã hủy, hết giờ, hoặc thiết bị này không giữ khóa nào của tài khoản. Hãy thử lại hoặc dùng cách khác.");
  }
  return t("Thiết bị gặp lỗi khi dùng khóa truy cập. Hãy thử lại hoặc dùng cách khác.");
}

function refuse(form: HTMLFormElement, words: string): void {
  const place = form.querySelector<HTMLElement>("[data-passkey-fault]");
  if (!place) return;
  place.hidden = !words;
  const text = place.querySelector("span");
  if (text) text.textContent = words;
}
