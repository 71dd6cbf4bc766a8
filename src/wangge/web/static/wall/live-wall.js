/**
 * <live-wall area="…" after="SEQ">: the command wall. The server has drawn everything already; this
 * keeps it right. One stream says that something happened; the numbers are then asked for, never
 * counted here, so a wall that missed a fact cannot drift from the tables.
 */
import { base, debounced, getJson, make, spoken, wordsOf } from "../desk/dom.js";
import { concernsCases, live, onFact } from "../desk/live.js";
import { MARKS, fit, namesOf, nothing, openMap, ready, setData } from "../map/base.js";
import { getCollection } from "../map/area-map.js";

/** @typedef {import("../map/base.js").Colour} Colour */
/** @typedef {{ area_code: string, name: string, live: number, overdue: number, oldest_minutes: number | null, offered: number, unanswered: number, colour: Colour, reason: string }} AreaLine */
/** @typedef {{ at: string, seq: number, by_area: AreaLine[], totals: Record<string, number | null> }} Board */

class LiveWall extends HTMLElement {
  /** @type {AbortController | undefined} */ #gone;
  /** @type {import("maplibre-gl").Map | undefined} */ #map;
  #areas = nothing();
  #asking = false;
  #again = false;

  connectedCallback() {
    this.#gone = new AbortController();
    const signal = this.#gone.signal;
    const board = debounced(() => void this.#renewBoard(), 700, 1500);
    const newest = debounced(() => void this.#renewNewest(), 100, 400);
    onFact(
      (heard) => {
        if (!concernsCases(heard)) return;
        board();
        newest();
      },
      { after: Number(this.getAttribute("after") ?? 0), signal },
    );
    live.addEventListener("state", () => this.#tellState(), { signal });
    this.#tellState();
    // Ages grow while nothing happens.
    const ages = setInterval(() => void this.#renewBoard(), 30_000);
    const clock = setInterval(() => this.#clock(), 1000);
    signal.addEventListener("abort", () => {
      clearInterval(ages);
      clearInterval(clock);
    });
    this.#clock();
    this.querySelector("[data-full]")?.addEventListener(
      "click",
      () => void (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen()),
      { signal },
    );
    void this.#draw();
  }

  disconnectedCallback() {
    this.#gone?.abort();
    this.#map?.remove();
  }

  #clock() {
    const box = this.querySelector("[data-clock]");
    if (box) {
      box.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
        timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", weekday: "short",
        hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
      }).format(new Date());
    }
  }

  #tellState() {
    const box = this.querySelector("[data-stream]");
    if (!(box instanceof HTMLElement)) return;
    const state = live.state || "away";
    box.textContent = wordsOf(this)(state);
    box.dataset["stream"] = state;
  }

  async #draw() {
    const ground = this.querySelector(".wall-map");
    if (!(ground instanceof HTMLElement)) return;
    this.#map = openMap(ground, {
      tone: "dark",
      tileUrl: this.getAttribute("tile-url"),
      label: wordsOf(this)("map"),
    });
    this.#map.on("click", "areas-fill", (event) => {
      const code = String(event.features?.[0]?.properties["code"] ?? "");
      const link = this.querySelector(`a[data-area="${CSS.escape(code)}"]`);
      if (link instanceof HTMLAnchorElement) link.click();
    });
    this.#areas = await getCollection(this.getAttribute("src") ?? "");
    await ready(this.#map);
    fit(this.#map, this.#areas, 20);
    await this.#renewBoard();
    ground.toggleAttribute("ready", true);
  }

  async #renewBoard() {
    // One question at a time; what happens meanwhile is asked for once more afterwards.
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      const area = this.getAttribute("area") ?? "";
      /** @type {Board} */
      const board = await getJson(`/board?area=${encodeURIComponent(area)}`);
      this.#show(board);
    } catch {
      this.toggleAttribute("stale", true);
    } finally {
      this.#asking = false;
      if (this.#again) {
        this.#again = false;
        void this.#renewBoard();
      }
    }
  }

  /** @param {Board} board */
  #show(board) {
    this.toggleAttribute("stale", false);
    const say = wordsOf(this);
    // Its own: the sweeps beside them have totals of theirs.
    for (const box of this.querySelectorAll(".wall-totals [data-total]")) {
      const name = box.getAttribute("data-total") ?? "";
      const value = board.totals[name] ?? null;
      const text = name.endsWith("_minutes")
        ? value === null ? "—" : spoken(value, say)
        : String(value ?? 0);
      if (box.textContent?.trim() !== text) box.textContent = text;
      box.toggleAttribute("data-alarm", box.hasAttribute("data-bad") && (value ?? 0) > 0);
    }
    const body = this.querySelector("tbody[data-areas]");
    if (body) {
      const focused = document.activeElement?.getAttribute("data-area");
      body.replaceChildren(...board.by_area.map((line) => this.#row(line, say)));
      if (focused) {
        const link = body.querySelector(`a[data-area="${CSS.escape(focused)}"]`);
        if (link instanceof HTMLElement) link.focus();
      }
    }
    const at = this.querySelector("[data-at]");
    if (at) {
      at.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
        timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit",
        hourCycle: "h23",
      }).format(new Date(board.at));
    }
    this.#paint(board);
  }

  /** @param {AreaLine} line @param {ReturnType<typeof wordsOf>} say */
  #row(line, say) {
    return make(
      "tr", { "data-colour": line.colour },
      make("td", { class: "wall-colour" },
        make("span", { class: "colour-mark", "aria-hidden": "true" }, MARKS[line.colour]),
        ` ${say(line.colour)}`),
      make("th", { scope: "row" },
        make("a", {
          href: `${this.getAttribute("base") ?? ""}/wall?area=${line.area_code}`,
          "data-area": line.area_code,
        }, line.name)),
      make("td", { class: "n" }, String(line.live)),
      make("td", { class: "n" }, String(line.overdue)),
      make("td", { class: "n" },
        line.oldest_minutes === null ? "—" : spoken(line.oldest_minutes, say)),
      make("td", { class: "n" }, String(line.unanswered)),
      make("td", { class: "wall-reason" }, line.reason),
    );
  }

  /** @param {Board} board */
  #paint(board) {
    if (!this.#map?.isStyleLoaded()) return;
    const lines = new Map(board.by_area.map((line) => [line.area_code, line]));
    for (const feature of this.#areas.features) {
      const line = lines.get(String(feature.properties["code"]));
      feature.properties["colour"] = line?.colour ?? "none";
      feature.properties["mark"] = line ? MARKS[line.colour] : "";
      if (line) feature.properties["name"] = line.name;
    }
    setData(this.#map, "areas", this.#areas);
    setData(this.#map, "names", namesOf(this.#areas));
  }

  async #renewNewest() {
    const list = this.querySelector("[data-newest]");
    const area = encodeURIComponent(this.getAttribute("area") ?? "");
    const answer = await fetch(`${base()}/wall/newest?area=${area}`).catch(() => null);
    if (!list || !answer?.ok) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = part.querySelector("[data-newest]");
    if (!fresh) return;
    const before = new Set(
      [...list.querySelectorAll("[data-case]")].map((item) => item.getAttribute("data-case")),
    );
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const item of fresh.querySelectorAll("[data-case]")) {
      if (!before.has(item.getAttribute("data-case"))) {
        item.classList.add(calm ? "arrived-calm" : "arrived");
      }
    }
    list.replaceChildren(...fresh.children);
  }
}

customElements.define("live-wall", LiveWall);
