// Filters the table of laws by words and by status. The page is complete without it.
(function () {
  "use strict";
  const box = document.querySelector(".lb-filter");
  if (!box) return;
  const input = box.querySelector("input");
  const told = box.querySelector(".lb-filter-count");
  const tiles = Array.from(document.querySelectorAll(".lb-tile"));
  const buttons = Array.from(document.querySelectorAll("[data-filter-status]"));
  let status = "";

  function words(tile) {
    return (tile.dataset.words + " " + tile.textContent).toLowerCase();
  }

  function apply() {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const tile of tiles) {
      const held = words(tile);
      const fits = (!status || tile.dataset.status === status) && wanted.every((word) => held.includes(word));
      tile.hidden = !fits;
      shown += fits;
    }
    told.textContent = shown === tiles.length ? "" : shown + " of " + tiles.length;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.filterStatus === status));
  }

  for (const button of buttons) {
    button.addEventListener("click", function () {
      status = status === button.dataset.filterStatus ? "" : button.dataset.filterStatus;
      apply();
    });
  }
  input.addEventListener("input", apply);
  box.hidden = false;
})();
