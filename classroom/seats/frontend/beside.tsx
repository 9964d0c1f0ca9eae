import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { newId } from "@app/outbox";
import type { Result } from "@app/result";
import { translator } from "@app/i18n";
import { Icon } from "@app/icon";
import { en } from "../../ledger/frontend/english";
import type { Kind, ShownInquiry, Stage } from "../../ledger/frontend/stage";

const t = translator(en);

/** What is a pupil's own beside the answers: told to this device alone. */
export interface Own {
  /** The id of the hand that is up. */
  readonly hand?: string | null;
  readonly feels?: "" | "got" | "lost";
  readonly asked?: readonly { readonly id: number; readonly text: string; readonly state: "waiting" | "shown" | "hidden" | "answered" }[];
  readonly voted?: readonly number[];
  readonly group?: number | null;
  readonly sure?: { readonly uuid: string; readonly sure: boolean } | null;
}

export interface BesideProps {
  readonly stage: Stage;
  readonly own: Own;
  /** The answer of this device that stands or is on its way; null without one. */
  readonly answer: string | null;
  /** Sends an event; only those that may be sent twice. */
  readonly send: <T>(event: string, payload: object) => Promise<Result<T>>;
  readonly know: (news: Own) => void;
}

const fault = signal("");

/** Hand, meter, group and questions: below the question, in reach of a thumb. Fetched after the page is there. */
export function Beside(props: BesideProps) {
  const { stage, own } = props;
  useEffect(() => {
    fault.value = ""; // a shared tablet: what the last pupil was told is nothing to this one
  }, []);
  if (stage.state === "ended") return null;
  return (
    <>
      {stage.offers?.confidence && <Sureness {...props} />}
      {stage.offers?.groups && own.group && (
        <p class="status-strip tone-info">
          <Icon name="users" /> {t("Em ở nhóm {n}", { n: own.group })}
        </p>
      )}
      <HandAndMeter {...props} />
      {stage.offers?.inquiries && <Questions {...props} />}
      {fault.value && (
        <p role="alert" class="status-strip tone-bad">
          {fault.value}
        </p>
      )}
    </>
  );
}

/** Sends once more is harmless; what is shown is what the server has said. */
async function tell<T>(props: BesideProps, event: string, payload: object, then: (value: T) => void): Promise<boolean> {
  fault.value = "";
  const result = await props.send<T>(event, payload);
  if (result.ok) then(result.value);
  else fault.value = result.message || t("Chưa gửi được. Em kiểm tra mạng rồi thử lại.");
  return result.ok;
}

function HandAndMeter(props: BesideProps) {
  const { hand, feels = "" } = props.own;
  const raise = () =>
    tell<{ hand: string | null }>(props, "hand", { uuid: hand ?? newId(), up: !hand }, (news) => props.know({ hand: news.hand }));
  const feel = (next: "got" | "lost") =>
    tell<{ feels: "" | "got" | "lost" }>(props, "feel", { uuid: newId(), feels: feels === next ? "" : next }, (news) => props.know({ feels: news.feels }));
  return (
    <div class="beside">
      <button type="button" class="btn" aria-pressed={!!hand} onClick={() => void raise()}>
        <Icon name="hand" />
        {hand ? t("Hạ tay") : t("Giơ tay")}
      </button>
      <div class="btn-group" role="group" aria-label={t("Em có theo kịp bài không?")}>
        <button type="button" class="btn" aria-pressed={feels === "got"} onClick={() => void feel("got")}>
          {t("Em hiểu")}
        </button>
        <button type="button" class="btn" aria-pressed={feels === "lost"} onClick={() => void feel("lost")}>
          {t("Em chưa theo kịp")}
        </button>
      </div>
    </div>
  );
}

/** Asked once there is an answer; another answer asks again. */
/** Nobody is sure or not of an opinion, of a drawing, of how well the lesson was understood. */
const OPINIONS: readonly Kind[] = ["words", "text", "scale", "drawing", "exit"];

function Sureness(props: BesideProps) {
  const { stage, own, answer } = props;
  const activity = stage.activity;
  if (!activity || !answer || activity.phase === "revealed" || activity.phase === "prepared" || OPINIONS.includes(activity.kind)) return null;
  const said = own.sure && own.sure.uuid === answer ? own.sure.sure : null;
  const say = (sure: boolean) =>
    tell<{ sure: boolean }>(props, "sure", { activity: activity.id, round: activity.round, uuid: answer, sure, made: Date.now() }, (news) =>
      props.know({ sure: { uuid: answer, sure: news.sure } }),
    );
  return (
    <div class="beside" role="group" aria-label={t("Em có chắc không?")}>
      <span>{t("Em có chắc không?")}</span>
      <button type="button" class="btn" aria-pressed={said === true} onClick={() => void say(true)}>
        {t("Chắc")}
      </button>
      <button type="button" class="btn" aria-pressed={said === false} onClick={() => void say(false)}>
        {t("Chưa chắc")}
      </button>
    </div>
  );
}

function Questions(props: BesideProps) {
  const { stage, own } = props;
  const [written, write] = useState("");
  // One id for one text: a question that is sent twice is asked once.
  const [uuid, renew] = useState(newId);
  const waiting = (own.asked ?? []).filter((one) => one.state === "waiting" || one.state === "hidden");
  async function ask(event: Event): Promise<void> {
    event.preventDefault();
    const text = written.trim();
    if (!text) return;
    const sent = await tell<{ inquiry: number }>(props, "inquiry_ask", { uuid, text }, (news) =>
      props.know({ asked: [...(own.asked ?? []).filter((one) => one.id !== news.inquiry), { id: news.inquiry, text, state: "waiting" }] }),
    );
    if (!sent) return;
    write("");
    renew(newId());
  }
  return (
    <section class="stack" aria-label={t("Câu hỏi của lớp")}>
      <h2>{t("Câu hỏi của lớp")}</h2>
      <ul class="beside__questions">
        {(stage.inquiries ?? []).map((one) => (
          <Line key={one.id} {...props} inquiry={one} />
        ))}
        {waiting.map((one) => (
          <li key={one.id}>
            <span>
              {one.text} <span class="muted">({one.state === "waiting" ? t("chờ thầy cô xem") : t("thầy cô sẽ trả lời riêng")})</span>
            </span>
          </li>
        ))}
      </ul>
      <form class="beside" onSubmit={(event) => void ask(event)}>
        <input class="input" aria-label={t("Câu hỏi của em")} placeholder={t("Câu hỏi của em")} maxLength={280} value={written} onInput={(event) => write(event.currentTarget.value)} />
        <button type="submit" class="btn">
          {t("Gửi câu hỏi")}
        </button>
      </form>
      <p class="muted">{t("Thầy cô xem trước khi cả lớp thấy; câu hỏi hiện không kèm tên em.")}</p>
    </section>
  );
}

function Line(props: BesideProps & { inquiry: ShownInquiry }) {
  const { inquiry, own } = props;
  const voted = (own.voted ?? []).includes(inquiry.id);
  const vote = () =>
    tell<{ votes: number }>(props, "inquiry_vote", { inquiry: inquiry.id, up: !voted, made: Date.now() }, () =>
      props.know({ voted: voted ? (own.voted ?? []).filter((id) => id !== inquiry.id) : [...(own.voted ?? []), inquiry.id] }),
    );
  return (
    <li>
      <span>
        {inquiry.text} {inquiry.answered && <span class="muted">({t("đã trả lời xong")})</span>}
      </span>
      {!inquiry.answered && (
        <button type="button" class="btn" aria-pressed={voted} aria-label={t("Em cũng muốn hỏi câu này, {n} bình chọn", { n: inquiry.votes })} onClick={() => void vote()}>
          <Icon name="up" />
          {inquiry.votes}
        </button>
      )}
    </li>
  );
}
