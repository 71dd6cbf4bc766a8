/**
 * <area-map src="/api/v1/areas.geojson?…" [tile-url] [chosen="code"]>: boundaries with names (or with
 * those of a <script data-areas> inside it). A click
 * on an area follows the link with the same code in the page ([data-area="code"]), so that the map
 * never offers more than the list beside it.
 *
 * Its event "area" has detail {code}.
 */
import { base } from "../desk/dom.js";
import { fit, namesOf, nothing, openMap, ready, setData } from "./base.js";

/** @param {string} src @returns {Promise<import("./base.js").Collection>} */
export async function getCollection(src) {
  const answer = await fetch(src.startsWith("http") ? src : `${base()}${src}`, {
    headers: { Accept: "application/json" },
  });
  return answer.ok ? answer.json() : nothing();
}

export class AreaMap extends HTMLElement {
  async connectedCallback() {
    const map = openMap(this, {
      tileUrl: this.getAttribute("tile-url"),
      label: this.getAttribute("label") ?? "",
    });
    const told = this.querySelector("script[data-areas]")?.textContent;
    /** @type {import("./base.js").Collection} */
    const areas = told ? JSON.parse(told) : await getCollection(this.getAttribute("src") ?? "");
    await ready(map);
    setData(map, "areas", areas);
    setData(map, "names", namesOf(areas));
    fit(map, areas);
    const chosen = this.getAttribute("chosen");
    if (chosen) map.setFeatureState({ source: "areas", id: chosen }, { chosen: true });
    map.on("click", "areas-fill", (event) => {
      const code = String(event.features?.[0]?.properties?.["code"] ?? "");
      if (!code) return;
      this.dispatchEvent(new CustomEvent("area", { bubbles: true, detail: { code } }));
      const link = document.querySelector(`a[data-area="${CSS.escape(code)}"]`);
      if (link instanceof HTMLAnchorElement) link.click();
    });
    this.toggleAttribute("ready", true);
  }
}

customElements.define("area-map", AreaMap);
