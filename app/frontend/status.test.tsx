import { signal } from "@preact/signals";
import { render } from "preact";
import { expect, test, vi } from "vitest";
import type { LinkState } from "./socket";
import { lookOf, StatusStrip } from "./status";

test.each<[LinkState, number, boolean, string]>([
  ["online", 0, true, "Đã lưu"],
  ["online", 2, true, "Đang gửi… (2 chờ gửi)"],
  ["offline", 0, true, "Mất kết nối"],
  ["offline", 3, true, "Mất kết nối – đã lưu trên máy này (3 chờ gửi)"],
  ["offline", 3, false, "Mất kết nối – đừng đóng trang này (3 chờ gửi)"],
  ["refused", 1, true, "Bạn đã đăng xuất (1 chờ gửi)"],
  ["connecting", 0, true, "Đang kết nối…"],
])("%s with %i waiting (durable: %s) says: %s", (link, pending, durable, words) => {
  expect(lookOf(link, pending, durable).words).toBe(words);
});

test("a network that blocks sockets is slow, not cut off, while the server answers over HTTP", () => {
  expect(lookOf("offline", 0, true, true).words).toBe("Kết nối chậm, vẫn gửi và nhận được");
  expect(lookOf("offline", 1, true, true).words).toBe("Đang gửi… (1 chờ gửi)");
});

test("the strip follows its signals and offers to try again only when cut off", async () => {
  const link = signal<LinkState>("online");
  const retry = vi.fn();
  const place = document.createElement("div");
  render(<StatusStrip link={link} pending={signal(0)} onRetry={retry} />, place);
  expect(place.querySelector("button")).toBeNull();
  link.value = "offline";
  await vi.waitFor(() => expect(place.querySelector("[role=status]")?.textContent).toBe("Mất kết nối"));
  place.querySelector("button")?.click();
  expect(retry).toHaveBeenCalledOnce();
});
