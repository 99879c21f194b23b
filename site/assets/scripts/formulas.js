// Draws each formula beside its MathML, which is then for ears alone; what KaTeX cannot draw is read as MathML.
(function () {
  "use strict";
  // The limits are those that every formula of the book has kept when the page was made.
  const LIMITS = { output: "html", throwOnError: true, strict: "error", trust: false, maxExpand: 500, maxSize: 12 };
  // How long a page may wait for its formulas, and how long a reader for the page, in milliseconds.
  const AT_ONCE = 150, A_SLICE = 40;
  const known = new Map();

  function drawing(tex, displayMode) {
    const key = displayMode + tex;
    if (!known.has(key)) {
      const held = document.createElement("span");
      try {
        katex.render(tex, held, { ...LIMITS, displayMode });
      } catch (error) {
        // It stays what it is.
      }
      known.set(key, held.querySelector(".katex-html"));
    }
    return known.get(key)?.cloneNode(true);
  }

  // The element that the address names, if any; an address may hold anything.
  function named() {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch (error) {
      return null;
    }
  }

  // From where the reader comes in, to the end, and then what stands above: nothing moves under their eyes.
  const all = Array.from(document.querySelectorAll(".katex[data-tex]"));
  const place = named();
  const follows = (formula) => place.compareDocumentPosition(formula) & Node.DOCUMENT_POSITION_FOLLOWING;
  const first = place ? Math.max(all.findIndex(follows), 0) : 0;
  const waiting = [...all.slice(first), ...all.slice(0, first)].reverse();

  function draw(milliseconds) {
    const end = performance.now() + milliseconds;
    while (waiting.length && performance.now() < end) {
      const formula = waiting.pop();
      const drawn = drawing(formula.dataset.tex, formula.parentElement.classList.contains("katex-display"));
      if (drawn) formula.append(drawn);
    }
    if (waiting.length) setTimeout(draw, 0, A_SLICE);
  }

  if (typeof katex !== "undefined") {
    draw(AT_ONCE);
    addEventListener("beforeprint", () => draw(Infinity));
  }
})();
