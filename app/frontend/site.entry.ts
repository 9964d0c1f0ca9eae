import "./site.css";
import "./icons.svg";
import en from "../translations/en.json";
import { watchDropzones } from "./dropzone";
import { watchFilters } from "./filter";
import { focusFirstError } from "./first-error";
import { watchHtmx } from "./htmx-setup";
import { translator } from "./i18n";
import { watchMenus } from "./menus";
import { watchPreferences } from "./preferences";
import { watchSubmits } from "./submit-once";
import { watchToasts } from "./toasts";
import { wipeWhenOver } from "./vault";

const t = translator(en);

watchHtmx(t);
watchPreferences();
watchMenus();
watchDropzones(t);
watchFilters(t);
watchSubmits();
watchToasts();
focusFirstError();
void wipeWhenOver();
