/**
 * <new-case>: while an officer types what a caller says, show the class the server would choose and
 * the words it was read from, and what was already reported nearby, before a second case is made.
 */
import { base, debounced, getJson, make, wordsOf } from "./dom.js";

/** @typedef {{ class_code: string, reason: string, condition: string, emergency_line: string }} Suggestion */
/** @typedef {{ id: string, receipt: string, title: string, metres: number, minutes: number, state: string }} Near */

class NewCase extends HTMLElement {
  #chosenByHand = false;
  #asked = 0;

  connectedCallback() {
    const words = this.querySelector('textarea[name="words"]');
    const choice = this.querySelector('select[name="class_code"]');
    if (!(words instanceof HTMLTextAreaElement) || !(choice instanceof HTMLSelectElement)) return;
    this.#chosenByHand = choice.value !== "";
    const look = debounced(() => void this.#suggest(words.value, choice), 250, 1000);
    words.addEventListener("input", look);
    choice.addEventListener("change", () => {
      this.#chosenByHand = choice.value !== "";
      look();
    });
    this.addEventListener("place", look);
    look();
  }

  /** @param {string} text @param {HTMLSelectElement} choice */
  async #suggest(text, choice) {
    const asked = ++this.#asked;
    const chosen = this.#chosenByHand ? choice.value : "";
    if (text.trim() || chosen) {
      // By POST: what a caller says does not belong into an address.
      const answer = await fetch(`${base()}/cases/suggest`, {
        method: "POST",
        body: new URLSearchParams({ words: text, class_code: chosen }),
      }).catch(() => null);
      if (asked !== this.#asked || !answer?.ok) return;
      /** @type {Suggestion} */
      const found = await answer.json();
      if (!this.#chosenByHand) choice.value = found.class_code;
      this.#tell(found);
    }
    await this.#near(choice.value);
  }

  /** @param {Suggestion} found */
  #tell(found) {
    const say = wordsOf(this);
    const reason = this.querySelector("[data-reason]");
    if (reason) reason.textContent = this.#chosenByHand ? say("by_hand") : found.reason;
    const condition = this.querySelector("[data-condition]");
    if (condition) condition.textContent = found.condition;
    const line = this.querySelector("[data-emergency]");
    if (line instanceof HTMLElement) {
      line.hidden = !found.emergency_line;
      line.textContent = found.emergency_line ? say("emergency", { line: found.emergency_line }) : "";
    }
  }

  /** @param {string} name */
  #value(name) {
    const field = this.querySelector(`input[name="${name}"]`);
    return field instanceof HTMLInputElement ? field.value : "";
  }

  /** @param {string} code */
  async #near(code) {
    const box = this.querySelector("[data-near]");
    if (!(box instanceof HTMLElement)) return;
    const [lon, lat] = [this.#value("lon"), this.#value("lat")];
    if (!lon || !lat || !code) {
      box.hidden = true;
      return;
    }
    const query = new URLSearchParams({ lon, lat, class_code: code });
    /** @type {{ items: Near[] }} */
    const found = await getJson(`/cases/near?${query}`).catch(() => ({ items: [] }));
    const say = wordsOf(this);
    box.hidden = found.items.length === 0;
    box.replaceChildren(
      make("p", { class: "mb-1 fw-bold" }, say("near_title", { n: found.items.length })),
      make("ul", { class: "mb-0" }, ...found.items.map((item) =>
        make("li", {},
          make("a", { href: `${base()}/cases/${item.id}`, target: "_blank" },
            `${item.receipt} ${item.title}`),
          ` ${say("near_line", { metres: Math.round(item.metres), minutes: Math.round(item.minutes) })}`))),
    );
  }
}

customElements.define("new-case", NewCase);
