import { translator } from "@app/i18n";
import { en } from "../../ledger/frontend/english";
import type { Kind } from "../../ledger/frontend/stage";

const t = translator(en);

/** The name of a kind, for a question without a text. */
export function titleOf(kind: Kind): string {
  const titles: Record<Kind, string> = {
    single: t("Một đáp án đúng"),
    multiple: t("Nhiều đáp án đúng"),
    true_false: t("Đúng / Sai"),
    statements: t("Đúng / Sai từng ý"),
    short: t("Trả lời ngắn"),
    number: t("Điền số"),
    ordering: t("Sắp xếp thứ tự"),
    matching: t("Ghép đôi"),
    words: t("Đám mây từ"),
    text: t("Câu hỏi mở"),
    scale: t("Thang đo"),
    exit: t("Phiếu cuối tiết"),
    quick: t("Hỏi nhanh A B C D"),
    drawing: t("Vẽ hình"),
    slide: t("Trang chiếu"),
  };
  return titles[kind];
}

/** The kinds that need no preparation, in the order of their buttons. */
export const READY_MADE: readonly Kind[] = ["quick", "true_false", "words", "text", "drawing", "scale", "exit"];
