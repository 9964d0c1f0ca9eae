import type { Sighting } from "./live";
import type { Suggestion } from "./store";
import { t } from "./words";

/** What a gate's sighting suggests, in words as on the page: minutes late speak for the letter of being late. */
export function suggestionOf({ time, minutes }: Sighting, late: string | null): Suggestion {
  const isLate = minutes !== null && late !== null;
  return {
    kind: "gate",
    words: isLate ? t("quẹt thẻ cổng {time}, trễ {n} phút", { time, n: minutes }) : t("quẹt thẻ cổng {time}", { time }),
    letter: isLate ? late : null,
    minutes: isLate ? minutes : null,
  };
}
