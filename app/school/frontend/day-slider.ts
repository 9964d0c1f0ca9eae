const DAY = 24 * 60 * 60 * 1000;

/** The day so many days after another one; both as 2026-10-05. */
export function dayAfter(first: string, days: number): string {
  return new Date(Date.parse(`${first}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** How many days lie between two days. */
export function daysBetween(first: string, day: string): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY);
}

/** A slider over days and the date field that it is for move together; the field is what is sent. */
export function followSliders(root: ParentNode): void {
  for (const slider of root.querySelectorAll<HTMLInputElement>("[data-day-slider]")) {
    const field = document.getElementById(slider.dataset["daySlider"] ?? "") as HTMLInputElement | null;
    const first = slider.dataset["firstDay"];
    if (!field || !first) continue;
    const show = () => {
      field.value = dayAfter(first, Number(slider.value));
      slider.setAttribute("aria-valuetext", field.value.split("-").reverse().join("/"));
    };
    slider.setAttribute("aria-valuetext", field.value.split("-").reverse().join("/"));
    slider.addEventListener("input", show);
    field.addEventListener("input", () => {
      if (field.value) slider.value = String(daysBetween(first, field.value));
    });
  }
}
