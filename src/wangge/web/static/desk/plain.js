/** What every page does, with or without a menu: remember where one is, and go back. */

for (const input of document.querySelectorAll("input[data-here]")) {
  if (!(input instanceof HTMLInputElement)) continue;
  const base = document.querySelector('meta[name="base"]')?.getAttribute("content") ?? "";
  const here = location.pathname + location.search;
  input.value = here.startsWith(base) ? here.slice(base.length) || "/" : "/";
}

for (const button of document.querySelectorAll("button[data-back]")) {
  if (!(button instanceof HTMLButtonElement) || history.length < 2) continue;
  button.hidden = false;
  button.addEventListener("click", () => history.back());
}
