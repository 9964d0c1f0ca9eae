import { translator } from "@app/i18n";
import en from "../../translations/en.json";

export const t = translator(en);
