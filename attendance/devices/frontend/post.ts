import { request } from "@app/api";
import { onSignedOut } from "@app/signed-out";
import type { LinkState } from "@app/socket";
import { QUEUE_CHANGED } from "@app/outbox";
import { canSeal, keptVault, openVault, type Vault, whoIsSignedIn, wipe } from "@app/vault";
import { type Signal, signal } from "@preact/signals";
import { RegisterDesk } from "../../registers/frontend/desk";
import { keepOnly, keepSheet, keepStanding } from "../../registers/frontend/kept";
import type { SheetData } from "../../registers/frontend/store";
import { type Counts, waitingOf } from "./waiting";

const EVERY = 2_000;
/** Milliseconds after a change of this page's own, so that a tap and its save are counted together. */
const SOON = 50;
const ASK_AGAIN = 10_000;
const RENEW_AFTER = 60 * 60 * 1000;
const RENEWED = "bx-renewed";

/** Looks after what one person has on this device: counts it, sends it from whatever page is open, keeps sheets ahead. */
export class Post {
  readonly link: Signal<LinkState>;
  /** Unknown until it was counted: "everything is sent" is only said of what was looked at. */
  readonly waiting = signal<Counts | undefined>(undefined);
  private readonly desks = new Map<number, RegisterDesk>();
  private vault: Vault | undefined;
  private soon: ReturnType<typeof setTimeout> | undefined;

  /**
   * `open` is the register that the page itself shows: its sheet sends for it. `isCut`: the page came from this device
   * because the server did not answer; a phone with Wi-Fi does not know that by itself.
   */
  constructor(
    private readonly user: number,
    private readonly open: number | undefined,
    isCut = false,
  ) {
    this.link = signal<LinkState>(navigator.onLine && !isCut ? "online" : "offline");
  }

  async begin(): Promise<void> {
    window.addEventListener("online", () => this.connect());
    window.addEventListener("offline", () => (this.link.value = "offline"));
    onSignedOut(() => {
      this.link.value = "refused";
      void wipe(this.user);
    });
    document.addEventListener("submit", (event) => {
      const action = event.target instanceof HTMLFormElement ? new URL(event.target.action).pathname : "";
      if (action.startsWith("/logout")) void wipe(this.user);
    });
    const kept = await keptVault();
    this.vault = kept?.user === this.user ? kept : undefined;
    await this.look();
    setInterval(() => void this.look(), EVERY);
    window.addEventListener(QUEUE_CHANGED, () => this.lookSoon());
    setInterval(() => void this.askAgain(), ASK_AGAIN);
    void this.askAgain();
    if (canSeal() && (!this.vault || isOld(this.user))) await this.renew();
  }

  /** The browser only tells of its own network; whether the server is back has to be asked. */
  private async askAgain(): Promise<void> {
    if (this.link.value !== "offline" || !navigator.onLine) return;
    const who = await whoIsSignedIn();
    if (who.ok) this.connect();
  }

  private connect(): void {
    this.link.value = "online";
    for (const desk of this.desks.values()) void desk.flush();
    if (canSeal() && (!this.vault || isOld(this.user))) void this.renew();
  }

  /** Asks for the key again, which keeps it alive as long as the sign-in is used, and for this week's sheets. */
  private async renew(): Promise<void> {
    const who = await whoIsSignedIn();
    if (!who.ok) {
      if (who.kind === "unreachable") this.link.value = "offline";
      return;
    }
    if (who.value.user !== this.user) return;
    this.vault = await openVault(who.value);
    if (!this.vault) return;
    const found = await request<{ readonly sheets: readonly SheetData[] }>("/registers/device");
    if (!found.ok) return;
    await this.keepAhead(this.vault, found.value.sheets);
    localStorage.setItem(RENEWED, `${this.user} ${Date.now()}`);
    await this.look();
  }

  /** A sheet on which something waits stays, though the server names it no more: a period whose register was made since. */
  private async keepAhead(vault: Vault, sheets: readonly SheetData[]): Promise<void> {
    const { registers } = await waitingOf(this.user);
    await keepOnly(vault, new Set([...sheets.map((sheet) => sheet.register), ...registers.keys(), this.open ?? 0]));
    for (const sheet of sheets) if (sheet.register !== this.open) await keepSheet(vault, sheet);
  }

  private lookSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.look(), SOON);
  }

  private async look(): Promise<void> {
    const { saves, drafts, conflicts, registers } = await waitingOf(this.user);
    const now = { saves, drafts, conflicts };
    if (JSON.stringify(now) !== JSON.stringify(this.waiting.value)) this.waiting.value = now;
    if (!this.vault && canSeal()) return;
    for (const [register, counts] of registers) {
      if (counts.saves > 0 && register !== this.open) await this.send(register);
    }
  }

  private async send(register: number): Promise<void> {
    if (this.desks.has(register)) return;
    const desk = await RegisterDesk.open(this.user, register, this.vault);
    this.desks.set(register, desk);
    desk.onAnswer = (_save, standing, _isWhole, queue) => {
      if (this.vault) void keepStanding(this.vault, register, standing);
      return queue;
    };
    const stop = desk.link.subscribe((state) => (this.link.value = navigator.onLine ? state : "offline"));
    await desk.flush();
    stop();
    this.desks.delete(register);
    await this.look();
  }
}

/** Whether the key and the sheets were asked for long ago, or for somebody else. The clock here only saves requests. */
function isOld(user: number): boolean {
  try {
    const [whose, at] = (localStorage.getItem(RENEWED) ?? "").split(" ");
    const age = Date.now() - Number(at);
    return whose !== String(user) || !(age >= 0 && age < RENEW_AFTER);
  } catch {
    return true;
  }
}
