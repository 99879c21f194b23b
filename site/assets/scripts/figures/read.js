// Reads values out of a figure: with the pointer, and with the arrow keys once the drawing has the focus.
lawbookFigures.read = (function () {
  "use strict";
  const { place, drawable, number } = lawbookFigures.scales;
  const { element, part } = lawbookFigures.draw;

  // state: what the tools keep of a figure: {drawing, lines, scales, told}.
  function reader(state) {
    let line = 0;
    let point = 0;
    const mark = element("g", { class: "reader", "aria-hidden": "true" });
    const rule = element("line", { class: "rule" });
    const spot = element("circle", { r: 4.5, class: "spot" });
    mark.append(rule, spot);

    const isSeen = (item) => getComputedStyle(part(state.drawing, item)).display !== "none";
    const shown = () => state.lines.filter(isSeen);
    const canBeDrawn = (item, i) => drawable(state.scales.x, item.x[i]) && drawable(state.scales.y, item.y[i]);

    function tell() {
      const item = shown()[line];
      if (!item) return;
      const [x, y] = [item.x[point], item.y[point]];
      const at = [place(state.scales.x, x), place(state.scales.y, y)];
      for (const [name, value] of Object.entries({ x1: at[0], x2: at[0] })) rule.setAttribute(name, value);
      rule.setAttribute("y1", state.scales.y.end);
      rule.setAttribute("y2", state.scales.y.start);
      spot.setAttribute("cx", at[0]);
      spot.setAttribute("cy", at[1]);
      if (!mark.isConnected) state.drawing.append(mark);
      const band = item.low && item.high ? ` [${number(item.low[point], 4)}, ${number(item.high[point], 4)}]` : "";
      const whose = item.control ? `${item.label} (control: ${item.control})` : item.label;
      const named = [state.drawing.dataset.xLabel || "x", state.drawing.dataset.yLabel || "value"];
      state.told.textContent =
        `${whose}: ${named[0]} ${number(x, 5)}, ${named[1]} ${number(y, 5)}${band}`;
    }

    function move(step) {
      const item = shown()[line];
      if (!item) return;
      for (let i = point + step; i >= 0 && i < item.x.length; i += step) {
        if (!canBeDrawn(item, i)) continue;
        point = i;
        return tell();
      }
    }

    function turn(step) {
      const items = shown();
      const here = items[line]?.x[point];
      line = (line + step + items.length) % items.length;
      nearest(items[line], (i) => Math.abs(items[line].x[i] - here));
    }

    function nearest(item, distance) {
      let least = Infinity;
      item.x.forEach(function (_, i) {
        const away = canBeDrawn(item, i) ? distance(i) : Infinity;
        if (away < least) [least, point] = [away, i];
      });
      if (least < Infinity) tell();
      return least;
    }

    function start() {
      line = Math.min(line, Math.max(shown().length - 1, 0));
      const item = shown()[line];
      if (!item) return;
      if (!canBeDrawn(item, point)) point = item.x.findIndex((_, i) => canBeDrawn(item, i));
      if (point < 0) point = 0;
      else tell();
    }

    const KEYS = {
      ArrowRight: () => move(1),
      ArrowLeft: () => move(-1),
      ArrowDown: () => turn(1),
      ArrowUp: () => turn(-1),
      Home: () => { point = -1; move(1); },
      End: () => { point = shown()[line]?.x.length ?? 0; move(-1); },
    };

    function pressed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
      event.preventDefault();
      // Arrow keys are shortcuts of the theme's outside of fields.
      event.stopPropagation();
      KEYS[event.key]();
    }

    function pointed(event) {
      const matrix = state.drawing.getScreenCTM();
      if (!matrix) return;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      const { x, y } = state.scales;
      if (at.x < x.start || at.x > x.end || at.y < y.end || at.y > y.start) return;
      let best = [Infinity, 0, 0];
      shown().forEach(function (item, number) {
        item.x.forEach(function (_, i) {
          if (!canBeDrawn(item, i)) return;
          const away = Math.hypot((place(x, item.x[i]) - at.x) * 2, place(y, item.y[i]) - at.y);
          if (away < best[0]) best = [away, number, i];
        });
      });
      if (best[0] < Infinity) {
        [, line, point] = best;
        tell();
      }
    }

    function stop() {
      mark.remove();
      state.told.textContent = "";
    }

    return { start, pressed, pointed, stop, tell: () => mark.isConnected && tell() };
  }

  return { reader };
})();
