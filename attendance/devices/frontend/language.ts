// The shell is kept once, for everybody: its language and theme come from this device's cookies, before any word is said.
const root = document.documentElement;
if (/(?:^|;\s*)bx_lang=en(?:;|$)/.test(document.cookie)) root.lang = "en";
const theme = /(?:^|;\s*)bx_theme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
if (theme) root.dataset["theme"] = theme;
