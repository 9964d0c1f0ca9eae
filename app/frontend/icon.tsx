import sprite from "./icons.svg";

/** An icon of the sprite. With a label it is read out; without one it is decoration beside words. */
export function Icon({ name, label, spin = false }: { name: string; label?: string; spin?: boolean }) {
  const naming = label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true as const };
  return (
    <svg class={spin ? "icon spin" : "icon"} {...naming}>
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
