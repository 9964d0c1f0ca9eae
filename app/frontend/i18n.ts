export type Language = "vi" | "en";

/** Vietnamese sentence -> English sentence; "one|other" where English has two forms, chosen by the value `n`. */
export type Dictionary = Readonly<Record<string, string>>;

export type Values = Readonly<Record<string, string | number>>;

export type Translate = (message: string, values?: Values) => string;

/** School time is Vietnam's, whatever the device believes. */
const TIME_ZONE = "Asia/Ho_Chi_Minh";

/** The language of the page, as the server rendered it. */
export function pageLanguage(): Language {
  return document.documentElement.lang === "en" ? "en" : "vi";
}

/** Gives the function that says a Vietnamese message in the page's language, with `{name}` filled from the values. */
export function translator(en: Dictionary, language: Language = pageLanguage()): Translate {
  return (message, values = {}) => {
    const text = language === "en" ? (en[message] ?? message) : message;
    return fill(language === "en" ? chooseForm(text, values["n"]) : text, values);
  };
}

/** A number with the page's separators: 1.234,5 in Vietnamese. */
export function formatNumber(value: number, digits = 0, language: Language = pageLanguage()): string {
  return new Intl.NumberFormat(language === "vi" ? "vi-VN" : "en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A share from 0 to 1 as a percentage: 0.965 is "96,5%" in Vietnamese. */
export function formatShare(share: number, digits = 1, language: Language = pageLanguage()): string {
  return `${formatNumber(100 * share, digits, language)}%`;
}

/** A civil date "2026-11-23" as "23/11/2026", in both languages. */
export function formatDate(iso: string): string {
  const [year, month, day] = iso.slice(0, 10).split("-");
  return `${day}/${month}/${year}`;
}

/** The time of day of an instant in the school's time zone, as "07:05". */
export function formatTime(instant: Date): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: TIME_ZONE,
  }).format(instant);
}

/** The school's civil day of an instant, as "2026-11-23". */
export function civilDay(instant: Date): string {
  return new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: TIME_ZONE }).format(instant);
}

function chooseForm(text: string, n: string | number | undefined): string {
  const [one, other] = text.split("|");
  if (n === undefined || one === undefined || other === undefined) return text;
  return Number(n) === 1 ? one : other;
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
