import "./companion.css";
import { mount } from "@app/island";
import { DeviceStatus } from "./companion";
import { Post } from "./post";

const place = document.getElementById("companion");
const user = Number(place?.dataset["user"]);
if (place && user > 0) {
  const post = new Post(user, registerHere());
  mount("companion", <DeviceStatus link={post.link} waiting={post.waiting} />);
  void post.begin().then(keepShell);
}

/** The register that this page shows, if it shows one. */
function registerHere(): number | undefined {
  const found = /^\/registers\/(\d+)$/.exec(location.pathname)?.[1];
  return found !== undefined && document.getElementById("sheet") ? Number(found) : undefined;
}

/** Has the browser keep what answers without a network; only over HTTPS, or on the machine itself. */
async function keepShell(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}
