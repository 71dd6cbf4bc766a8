/**
 * <case-map lon lat colour src="…areas">: where a case is, inside the boundary it belongs to. A picture:
 * it does not catch the wheel while somebody scrolls the page.
 */
import { fit, namesOf, openMap, ready, setData } from "./base.js";
import { getCollection } from "./area-map.js";

class CaseMap extends HTMLElement {
  async connectedCallback() {
    const lon = Number(this.getAttribute("lon"));
    const lat = Number(this.getAttribute("lat"));
    const map = openMap(this, {
      still: true,
      tileUrl: this.getAttribute("tile-url"),
      label: this.getAttribute("label") ?? "",
    });
    const src = this.getAttribute("src");
    const [areas] = await Promise.all([src ? getCollection(src) : null, ready(map)]);
    const point = {
      type: /** @type {const} */ ("FeatureCollection"),
      features: [{
        type: /** @type {const} */ ("Feature"),
        properties: {},
        geometry: { type: "Point", coordinates: [lon, lat] },
      }],
    };
    setData(map, "place", point);
    if (areas && areas.features.length > 0) {
      setData(map, "areas", areas);
      setData(map, "names", namesOf(areas));
      fit(map, areas, 12);
    } else {
      map.jumpTo({ center: [lon, lat], zoom: 15 });
    }
    this.toggleAttribute("ready", true);
  }
}

customElements.define("case-map", CaseMap);
