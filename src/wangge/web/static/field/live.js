/**
 * Live while the app is looked at: the stream says that something changed, and the tasks are
 * fetched anew. Without the stream they are fetched every so often.
 */

/** Milliseconds between looks: with a stream that is open, and without one. */
const LOOK_WITH_STREAM = 120_000;
const LOOK_WITHOUT = 30_000;
/** Milliseconds for facts that come together to be looked at together. */
const TOGETHER = 800;

export class LiveLook {
  /** @type {EventSource | undefined} */ #stream;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #soon;
  #looked = 0;

  /**
   * @param {string} url of the stream
   * @param {() => Promise<void>} look
   * @param {() => boolean} known whether somebody is signed in: the stream is for nobody else
   */
  constructor(url, look, known) {
    this.url = url;
    this.look = look;
    this.known = known;
    setInterval(() => this.#tick(), 5_000);
    document.addEventListener("visibilitychange", () => this.#attend());
    addEventListener("online", () => this.#attend());
    addEventListener("offline", () => this.#hangUp());
    this.#attend();
  }

  #attend() {
    if (document.visibilityState !== "visible" || !navigator.onLine) {
      this.#hangUp();
      return;
    }
    this.listen();
    void this.#now();
  }

  /** Open the stream, when there is none and somebody is signed in. */
  listen() {
    if (this.known() && (!this.#stream || this.#stream.readyState === EventSource.CLOSED)) {
      this.#stream = new EventSource(this.url);
      this.#stream.addEventListener("fact", (event) => this.#heard(event));
    }
  }

  #hangUp() {
    this.#stream?.close();
    this.#stream = undefined;
  }

  /** @param {MessageEvent<string>} event */
  #heard(event) {
    const kind = String(JSON.parse(event.data).kind);
    if (!/^(cases|dispatch|sweeps|tasks)\./.test(kind)) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#now();
    }, TOGETHER);
  }

  #tick() {
    if (document.visibilityState !== "visible" || !navigator.onLine) return;
    const open = this.#stream?.readyState === EventSource.OPEN;
    if (Date.now() - this.#looked < (open ? LOOK_WITH_STREAM : LOOK_WITHOUT)) return;
    if (open) void this.#now();
    else this.#attend();
  }

  async #now() {
    this.#looked = Date.now();
    await this.look();
  }
}
