/**
 * The first thing on the glass, part of the page itself (`shell.html`): where a stairwell is opened whose
 * rosters lie under a PIN, it is asked for before the app has been read, in the language and the size of
 * type that the app noted last time (`before.js`). What is typed meanwhile is handed to the app.
 */
(() => {
  const base = document.querySelector("meta[name=base]")?.getAttribute("content") ?? "";
  /** @type {{english?: boolean, large?: boolean, pin?: boolean} | null} */
  let noted = null;
  try {
    noted = JSON.parse(localStorage.getItem(`wangge-first${base}`) ?? "null");
  } catch {
    // A browser that keeps nothing: the app asks, a moment later.
  }
  const form = document.querySelector("#first");
  const digits = form?.querySelector("input");
  if (!noted || !form || !digits) return;
  const root = document.documentElement;
  root.classList.toggle("large", noted.large === true);
  if (noted.english) {
    root.lang = "en";
    for (const one of form.querySelectorAll("[data-en]")) {
      const words = one.getAttribute("data-en") ?? "";
      if (one === digits) one.setAttribute("aria-label", words);
      else one.textContent = words;
    }
  }
  if (!noted.pin || !/^#(sweep\/[^/]+\/[^/]+|stair\/[^/]+)/.test(location.hash)) return;
  if (!navigator.onLine) for (const line of form.querySelectorAll(".line")) line.toggleAttribute("hidden");
  form.removeAttribute("hidden");
  form.nextElementSibling?.remove();
  digits.addEventListener("input", () => {
    form.querySelector("[role=status]")?.toggleAttribute("hidden", digits.value.length < digits.maxLength);
  });
  digits.focus();
})();
