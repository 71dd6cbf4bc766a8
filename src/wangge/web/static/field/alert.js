/** A new offer is heard and seen: two tones, a number on the icon and in the title. */

/** @type {AudioContext | undefined} */
let ear;

/** Browsers let a page be heard only after somebody has touched it; what the touch did comes first. */
export function listenForFirstTouch() {
  addEventListener("pointerdown", () => setTimeout(() => {
    ear ??= new AudioContext();
    void ear.resume();
  }, 1_000), { once: true });
}

export function ring() {
  navigator.vibrate?.([200, 100, 200]);
  if (!ear || ear.state !== "running") return;
  for (const [after, hertz] of /** @type {const} */ ([[0, 880], [0.22, 1175]])) {
    const tone = ear.createOscillator();
    const loudness = ear.createGain();
    const start = ear.currentTime + after;
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.001, start);
    loudness.gain.exponentialRampToValueAtTime(0.4, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
    tone.connect(loudness).connect(ear.destination);
    tone.start(start);
    tone.stop(start + 0.21);
  }
}

/** What is on the icon since this page was opened. @type {string | undefined} */
let told;

/** @param {string} title @param {number} count */
export function badge(title, count) {
  const words = count > 0 ? `(${count}) ${title}` : title;
  if (told === words) return;
  told = words;
  document.title = words;
  if (count > 0) void navigator.setAppBadge?.(count).catch(() => undefined);
  else void navigator.clearAppBadge?.().catch(() => undefined);
}
