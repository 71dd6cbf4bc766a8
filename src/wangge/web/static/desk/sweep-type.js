/** Typing a paper back in, a key a door: a digit chooses and goes on, backspace goes back. A whole
 * sheet is typed as lines, saved by Ctrl+Enter, and not left by accident. */
const doors = /** @type {HTMLSelectElement[]} */ ([...document.querySelectorAll("select[data-type]")]);

for (const [at, door] of doors.entries()) {
  door.addEventListener("keydown", (event) => {
    const digit = Number(event.key);
    if (Number.isInteger(digit) && digit >= 1 && digit < door.options.length && event.key !== " ") {
      event.preventDefault();
      door.selectedIndex = digit;
      (doors[at + 1] ?? document.querySelector(".type-form .btn-primary"))?.focus();
    } else if (event.key === "Backspace") {
      event.preventDefault();
      door.selectedIndex = 0;
      doors[at - 1]?.focus();
    }
  });
}
doors.find((door) => door.closest(".type-door")?.getAttribute("data-outcome") === "none")?.focus();

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-sheet]"));
const lines = form?.querySelector("textarea");
if (form && lines) {
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  lines.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  addEventListener("beforeunload", (event) => {
    if (!sent && lines.value.trim() !== "") event.preventDefault();
  });
  lines.setSelectionRange(lines.value.length, lines.value.length);
}
export {};
