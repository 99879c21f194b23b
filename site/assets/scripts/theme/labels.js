// What the theme leaves to be named or reached: its search has no name, and what scrolls sideways no keyboard. And the
// meaning of each status, for a pointer that rests on it.
(function () {
  "use strict";
  const search = document.querySelector(".md-search[role=dialog]");
  if (search) search.setAttribute("aria-label", "Search");
  for (const [id, words] of Object.entries({ __search: "Search", __drawer: "Navigation" })) {
    const toggle = document.getElementById(id);
    if (toggle && !toggle.labels.length) toggle.setAttribute("aria-label", words);
  }

  const MEANINGS = {
    pass: "the interval lies inside the accepted region, and every control came out as its role says",
    fail: "the interval does not meet the accepted region",
    inconclusive: "the interval straddles the edge of the accepted region, or too few seeds reached the regime",
    void: "a control did not come out as it must, so the check proves nothing",
    error: "the measurement broke off or gave no number",
    unverified: "nothing is recorded",
  };
  for (const status of document.querySelectorAll(".lb-status, .lb-count")) {
    const name = /\blb-is-(\w+)/.exec(status.className);
    if (name && MEANINGS[name[1]]) status.title = MEANINGS[name[1]];
  }

  for (const address of document.querySelectorAll(".headerlink")) address.title = "Permanent link";

  const SCROLLING = ".lb-scroll, .md-typeset__scrollwrap, .md-typeset pre > code, .md-typeset .katex-display, " +
    ".lb-prediction, .lb-observable";

  function reach() {
    for (const part of document.querySelectorAll(SCROLLING)) {
      const scrolls = part.scrollWidth > part.clientWidth + 1;
      if (scrolls && !part.hasAttribute("tabindex")) {
        part.setAttribute("tabindex", "0");
        part.dataset.reached = "";
      } else if (!scrolls && part.dataset.reached !== undefined) {
        part.removeAttribute("tabindex");
        delete part.dataset.reached;
      }
    }
  }

  // The theme does the same for blocks of code, once they have been seen, and takes it back: ours is the last word.
  const later = () => setTimeout(reach, 400);
  reach();
  later();
  addEventListener("load", later);
  addEventListener("resize", later);
  document.addEventListener("toggle", reach, true);
})();
