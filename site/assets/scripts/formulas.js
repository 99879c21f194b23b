// Draws each formula beside its MathML, which is then for ears alone; what KaTeX cannot draw is read as MathML.
(function () {
  "use strict";
  // The limits are those that every formula of the book has kept when the page was made.
  const LIMITS = { output: "html", throwOnError: true, strict: "error", trust: false, maxExpand: 500, maxSize: 12 };
  // How long a page may wait for its formulas, and how long a reader for the page, in milliseconds.
  const AT_ONCE = 150, A_SLICE = 40;
  // How many elements a page may come to hold by them; what is left stays MathML. A page of a book has a tenth of it.
  const MOST = 200000;
  const known = new Map();
  let held = 0;

  function drawing(tex, displayMode) {
    const key = displayMode + tex;
    if (!known.has(key)) {
      const place = document.createElement("span");
      try {
        katex.render(tex, place, { ...LIMITS, displayMode });
      } catch (error) {
        // It stays what it is.
      }
      known.set(key, place.querySelector(".katex-html"));
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
    while (waiting.length && held < MOST && performance.now() < end) {
      const formula = waiting.pop();
      const drawn = drawing(formula.dataset.tex, formula.parentElement.classList.contains("katex-display"));
      if (!drawn) continue;
      held += drawn.getElementsByTagName("*").length;
      formula.append(drawn);
    }
    if (waiting.length && held < MOST) setTimeout(draw, 0, A_SLICE);
  }

  if (typeof katex !== "undefined") {
    draw(AT_ONCE);
    addEventListener("beforeprint", () => draw(Infinity));
  }
})();
