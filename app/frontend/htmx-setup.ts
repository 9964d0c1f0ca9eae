import "htmx.org";
import { csrfToken } from "./api";
import type { Translate } from "./i18n";
import { toast } from "./toasts";

interface RequestDetail {
  readonly headers: Record<string, string>;
}

interface ResponseDetail {
  readonly xhr: XMLHttpRequest;
}

/** The CSRF token goes with every htmx request; a failure is said in words. A 401 brings its own redirect. */
export function watchHtmx(t: Translate): void {
  document.addEventListener("htmx:configRequest", (event) => {
    (event as CustomEvent<RequestDetail>).detail.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<ResponseDetail>).detail;
    if (xhr.status !== 401) toast(sentence(xhr) || t("Máy chủ gặp lỗi. Hãy thử lại; nếu vẫn lỗi, báo quản trị trường."));
  });
  for (const kind of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(kind, () => toast(t("Mất kết nối. Hãy thử lại khi có mạng.")));
  }
}

/** The text of an error fragment; a whole page is not a message. */
function sentence(xhr: XMLHttpRequest): string {
  const parsed = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const text = (parsed.body.textContent ?? "").replace(/\s+/g, " ").trim();
  return text.length <= 300 ? text : "";
}
