/**
 * What is on the screen now has been shown; whatever does not show anything comes after.
 * @returns {Promise<void>}
 */
export const painted = () => new Promise((done) => {
  if (!("requestAnimationFrame" in globalThis)) {
    done();
    return;
  }
  requestAnimationFrame(() => setTimeout(done, 0));
  setTimeout(done, 500); // out of sight nothing is painted
});
