/** The desk's shell: the menu on phones, where one is, and what htmx says when it is refused. */

import "./plain.js";
import "./live-status.js";

const base = document.querySelector('meta[name="base"]')?.getAttribute("content") ?? "";

const menu = document.querySelector("[data-menu]");
const toggle = document.querySelector("[data-menu-toggle]");
toggle?.addEventListener("click", () => {
  const open = menu?.classList.toggle("open") ?? false;
  toggle.setAttribute("aria-expanded", String(open));
});

/** @type {Element | undefined} */
let nearest;
for (const link of document.querySelectorAll("[data-menu] a[data-path]")) {
  const path = base + link.getAttribute("data-path");
  const inside = location.pathname === path || location.pathname.startsWith(`${path}/`);
  const closer = (link.getAttribute("data-path")?.length ?? 0) > (nearest?.getAttribute("data-path")?.length ?? 0);
  if (inside && closer) nearest = link;
}
nearest?.setAttribute("aria-current", "page");

/** A table wider than its page is scrolled by the arrow keys too. */
function reachable() {
  for (const wide of document.querySelectorAll(".table-responsive")) {
    if (wide.scrollWidth > wide.clientWidth) wide.setAttribute("tabindex", "0");
  }
}
reachable();
addEventListener("resize", reachable);
document.body.addEventListener("htmx:afterSettle", reachable);

/**
 * Say something in the corner for a while; refusals stay until touched.
 * @param {string} text @param {boolean} [refused]
 */
export function say(text, refused = false) {
  const place = document.getElementById("said");
  if (!place || !text) return;
  const line = document.createElement("div");
  line.className = refused ? "said said-refused" : "said";
  line.setAttribute("role", refused ? "alert" : "status");
  line.textContent = text;
  line.addEventListener("click", () => line.remove());
  place.append(line);
  if (!refused) window.setTimeout(() => line.remove(), 6_000);
}

document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = /** @type {CustomEvent<{xhr: XMLHttpRequest}>} */ (event).detail;
  let title = "";
  try {
    title = JSON.parse(xhr.responseText).title ?? "";
  } catch {
    title = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("h1")?.textContent ?? "";
  }
  if (xhr.status === 401) location.assign(`${base}/sign-in`);
  else say(title || `${xhr.status}`, true);
});

document.body.addEventListener("htmx:sendError", () => {
  say(document.documentElement.lang.startsWith("zh") ? "网络不通,请稍后再试。" : "No connection; please try again.", true);
});

document.body.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) print();
});
