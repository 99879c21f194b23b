// Puts on the colours that a reader chose before, while the page is still being read, so that nothing flashes.
(function () {
  "use strict";
  const palette = __md_get("__palette");
  if (!palette || !palette.color) return;
  const colour = palette.color;
  if (colour.media === "(prefers-color-scheme)") {
    const scheme = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
    const input = document.querySelector("[data-md-color-media='(prefers-color-scheme: " + scheme + ")']");
    for (const name of ["media", "scheme", "primary", "accent"]) {
      colour[name] = input.getAttribute("data-md-color-" + name);
    }
  }
  for (const [name, value] of Object.entries(colour)) document.body.setAttribute("data-md-color-" + name, value);
})();
