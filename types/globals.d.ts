/** What a classic script puts on the page, for the modules that use it. */
import type htmx from "htmx.org";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
