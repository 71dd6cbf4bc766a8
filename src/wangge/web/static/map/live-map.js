/**
 * <live-map src="…areas" after="SEQ">: areas coloured as on the board and live cases as points. Whatever
 * the map shows is also in the list beside it, which works with a keyboard and without the map.
 */
import { debounced, getJson, make, wordsOf } from "../desk/dom.js";
import { concernsCases, onFact } from "../desk/live.js";
import { MARKS, fit, namesOf, nothing, openMap, ready, setData, within } from "./base.js";
import { getCollection } from "./area-map.js";

/** @typedef {import("./base.js").Collection} Collection */
/** @typedef {import("../wall/live-wall.js").AreaLine} AreaLine */
/** @typedef {import("./base.js").Feature} Feature */

class LiveMap extends HTMLElement {
  /** @type {AbortController | undefined} */ #gone;
  /** @type {import("maplibre-gl").Map | undefined} */ #map;
  #areas = nothing();
  #points = nothing();
  /** @type {Map<string, AreaLine>} */ #lines = new Map();
  #chosen = "";

  async connectedCallback() {
    this.#gone = new AbortController();
    const signal = this.#gone.signal;
    const ground = this.querySelector(".map-ground");
    if (!(ground instanceof HTMLElement)) return;
    const map = openMap(ground, {
      tileUrl: this.getAttribute("tile-url"),
      label: wordsOf(this)("map"),
    });
    this.#map = map;
    [this.#areas] = await Promise.all([
      getCollection(this.getAttribute("src") ?? ""),
      ready(map),
    ]);
    fit(map, this.#areas);
    await this.#renew();
    map.on("click", (event) => this.#click(event.point));
    map.on("mousemove", (event) => {
      const over = map.queryRenderedFeatures(event.point, { layers: ["points", "areas-fill"] });
      map.getCanvas().style.cursor = over.length > 0 ? "pointer" : "";
    });
    const renew = debounced(() => void this.#renew(), 700, 2000);
    onFact(
      (heard) => {
        if (concernsCases(heard)) renew();
      },
      { after: Number(this.getAttribute("after") ?? 0), signal },
    );
    this.addEventListener(
      "click",
      (event) => {
        const at = event.target;
        const button = at instanceof Element ? at.closest("button[data-area]") : null;
        if (button) this.#choose(button.getAttribute("data-area") ?? "", true);
      },
      { signal },
    );
    this.toggleAttribute("ready", true);
  }

  disconnectedCallback() {
    this.#gone?.abort();
    this.#map?.remove();
  }

  async #renew() {
    const area = encodeURIComponent(this.getAttribute("area") ?? "");
    const [board, points] = await Promise.all([
      /** @type {Promise<{ by_area: AreaLine[] } | null>} */ (
        getJson(`/board?fine=true&area=${area}`).catch(() => null)
      ),
      /** @type {Promise<Collection | null>} */ (
        getJson(`/cases/points?area=${area}`).catch(() => null)
      ),
    ]);
    if (!this.#map || !board || !points) return;
    this.#lines = new Map(board.by_area.map((line) => [line.area_code, line]));
    this.#points = points;
    for (const feature of this.#areas.features) {
      const line = this.#lines.get(String(feature.properties["code"]));
      feature.properties["colour"] = line?.colour ?? "none";
      feature.properties["mark"] = line ? MARKS[line.colour] : "";
      if (line) feature.properties["name"] = line.name;
    }
    setData(this.#map, "areas", this.#areas);
    setData(this.#map, "names", namesOf(this.#areas));
    setData(this.#map, "points", points);
    this.setAttribute("points", String(points.features.length));
    this.#list();
  }

  /** @param {import("maplibre-gl").Point} at */
  #click(at) {
    if (!this.#map) return;
    const [point] = this.#map.queryRenderedFeatures(at, { layers: ["points"] });
    if (point) {
      location.assign(`${this.getAttribute("base") ?? ""}/cases/${point.properties["id"]}`);
      return;
    }
    const [area] = this.#map.queryRenderedFeatures(at, { layers: ["areas-fill"] });
    if (area) this.#choose(String(area.properties["code"]), false);
  }

  /** @param {string} code @param {boolean} go whether the map moves there */
  #choose(code, go) {
    if (!this.#map) return;
    if (this.#chosen) {
      this.#map.setFeatureState({ source: "areas", id: this.#chosen }, { chosen: false });
    }
    this.#chosen = this.#chosen === code ? "" : code;
    if (this.#chosen) {
      this.#map.setFeatureState({ source: "areas", id: code }, { chosen: true });
    }
    if (go) {
      const some = this.#areas.features.filter(
        (feature) => !this.#chosen || feature.properties["code"] === code,
      );
      fit(this.#map, { type: "FeatureCollection", features: some });
    }
    this.#list();
  }

  #list() {
    const say = wordsOf(this);
    const areas = this.querySelector("[data-areas]");
    const cases = this.querySelector("[data-cases]");
    const worst = ["red", "orange", "yellow", "blue", "green"];
    const lines = [...this.#lines.values()].sort(
      (a, b) => worst.indexOf(a.colour) - worst.indexOf(b.colour),
    );
    if (areas) {
      const focused = document.activeElement?.getAttribute("data-area");
      areas.replaceChildren(
        ...lines.map((line) =>
          make("li", { "data-colour": line.colour },
            make("button", {
              type: "button", class: "map-area", "data-area": line.area_code,
              "aria-pressed": String(line.area_code === this.#chosen),
            },
              make("span", { class: "colour-mark", "aria-hidden": "true" }, MARKS[line.colour]),
              make("span", { class: "map-area-name" }, line.name),
              make("span", { class: "map-area-count" }, say("count", { n: line.live, m: line.overdue })),
              make("span", { class: "map-area-reason" }, `${say(line.colour)} · ${line.reason}`)))),
      );
      if (focused) {
        const again = areas.querySelector(`[data-area="${CSS.escape(focused)}"]`);
        if (again instanceof HTMLElement) again.focus();
      }
    }
    if (!cases) return;
    const chosen = this.#areas.features.find(
      (feature) => feature.properties["code"] === this.#chosen,
    );
    const inside = this.#chosen
      ? this.#points.features.filter((feature) => chosen && within(feature, chosen))
      : this.#points.features;
    const title = this.querySelector("[data-cases-title]");
    if (title) {
      const name = this.#lines.get(this.#chosen)?.name;
      title.textContent = name
        ? say("in_area", { name, n: inside.length })
        : say("everywhere", { n: inside.length });
    }
    cases.replaceChildren(...inside.slice(0, 100).map((feature) => this.#case(feature, say)));
  }

  /** @param {Feature} feature @param {ReturnType<typeof wordsOf>} say */
  #case(feature, say) {
    const { id, receipt, title, colour, overdue, urgent, stage } =
      /** @type {{ id: string, receipt: string, title: string, colour: import("./base.js").Colour, overdue: boolean, urgent: boolean, stage: string }} */ (
        /** @type {unknown} */ (feature.properties)
      );
    return make("li", { "data-colour": colour },
      make("a", { href: `${this.getAttribute("base") ?? ""}/cases/${id}` },
        make("span", { class: "colour-mark", "aria-hidden": "true" }, MARKS[colour] ?? "●"),
        make("span", {}, title),
        make("small", {}, [receipt, stage, urgent ? say("urgent") : "", overdue ? say("overdue") : ""]
          .filter(Boolean).join(" · "))));
  }
}

customElements.define("live-map", LiveMap);
