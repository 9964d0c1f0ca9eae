import { type ComponentChild, render } from "preact";

/** Reads the JSON that the server left in `<script type="application/json" id="…">`. Throws when it is missing:
    the template and the island do not belong together. */
export function islandData<T>(id: string): T {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error(`island data #${id} is missing`);
  return JSON.parse(text) as T;
}

/** Puts an island into the element with this id, in place of what the server showed while it loaded. */
export function mount(id: string, content: ComponentChild): void {
  const place = document.getElementById(id);
  if (!place) throw new Error(`island place #${id} is missing`);
  place.textContent = "";
  render(content, place);
}
