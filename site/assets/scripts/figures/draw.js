// Draws the lines of a figure anew on other axes, from the numbers themselves.
lawbookFigures.draw = (function () {
  "use strict";
  const { parse, place, drawable, over, ticks, number } = lawbookFigures.scales;
  const MOST_POINTS = 400;

  function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function axes(drawing) {
    return { x: parse(drawing.dataset.x), y: parse(drawing.dataset.y) };
  }

  // The axes with a kind of scale each; those that the book drew are kept as they are.
  function withKinds(drawing, lines, kinds) {
    const drawn = axes(drawing);
    const own = lines.filter((line) => !line.control);
    const shown = own.length ? own : lines;
    const values = {
      x: shown.flatMap((line) => line.x),
      y: shown.flatMap((line) => [...line.y, ...(line.low || []), ...(line.high || [])]),
    };
    const found = {};
    for (const axis of ["x", "y"]) {
      const same = drawn[axis].kind === kinds[axis];
      found[axis] = same ? drawn[axis] : over(drawn[axis], kinds[axis], values[axis], axis === "x" ? 0.02 : 0.06);
    }
    return found.x && found.y ? found : null;
  }

  function part(drawing, line) {
    const whose = line.control ? `[data-control="${CSS.escape(line.control)}"]` : ":not([data-control])";
    return drawing.querySelector(`${whose}[data-line="${line.number}"]`);
  }

  function points(line, scales) {
    const step = Math.max(1, Math.ceil(line.x.length / MOST_POINTS));
    const found = [];
    for (let i = 0; i < line.x.length; i++) {
      if (i % step && i !== line.x.length - 1) continue;
      const seen = drawable(scales.x, line.x[i]) && drawable(scales.y, line.y[i]);
      found.push(seen ? [place(scales.x, line.x[i]), place(scales.y, line.y[i])] : null);
    }
    return found;
  }

  function path(found) {
    let down = false;
    return found.map(function (point) {
      const step = point ? (down ? "L" : "M") + point[0].toFixed(2) + " " + point[1].toFixed(2) : "";
      down = point !== null;
      return step;
    }).join("");
  }

  function outline(line, scales) {
    const upper = [], lower = [];
    for (let i = 0; i < line.x.length; i++) {
      const [low, high] = [line.low[i], line.high[i]];
      if (!drawable(scales.x, line.x[i]) || !drawable(scales.y, high) || !Number.isFinite(low)) continue;
      upper.push([place(scales.x, line.x[i]), place(scales.y, high)]);
      lower.unshift([place(scales.x, line.x[i]), place(scales.y, low)]);
    }
    return path([...upper, ...lower]) + "Z";
  }

  function grid(drawing, scales) {
    const { x, y } = scales;
    const group = element("g", { class: "scales" });
    for (const value of ticks(x)) {
      const at = place(x, value);
      group.append(element("line", { x1: at, x2: at, y1: y.end, y2: y.start, class: "grid" }));
      const label = { x: at, y: y.start + 16, "text-anchor": "middle", class: "tick" };
      group.append(element("text", label, number(value, 3)));
    }
    for (const value of ticks(y)) {
      const at = place(y, value);
      group.append(element("line", { x1: x.start, x2: x.end, y1: at, y2: at, class: "grid" }));
      const label = { x: x.start - 6, y: at + 4, "text-anchor": "end", class: "tick" };
      group.append(element("text", label, number(value, 3)));
    }
    drawing.querySelector(".scales").replaceWith(group);
  }

  function redraw(drawing, lines, scales) {
    grid(drawing, scales);
    for (const line of lines) {
      const group = part(drawing, line);
      if (!group) continue;
      const found = points(line, scales);
      const set = (name, d) => group.querySelector(name)?.setAttribute("d", d);
      set(".line", path(found));
      set(".marks", found.map((point) => (point ? `M${point[0].toFixed(2)} ${point[1].toFixed(2)}h0` : "")).join(""));
      if (line.low && line.high) set(".band", outline(line, scales));
    }
  }

  return { axes, withKinds, redraw, part, element };
})();
