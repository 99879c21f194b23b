// Axes for drawings that are drawn anew in the page: the same kinds of scale and tick as the ones in the book's own.
lawbookFigures.scales = (function () {
  "use strict";

  function parse(told) {
    const [kind, ...numbers] = told.split(" ");
    const [low, high, start, end] = numbers.map(Number);
    return { kind, low, high, start, end };
  }

  function flat(scale, value) {
    return scale.kind === "log" ? Math.log10(Math.max(value, 1e-300)) : value;
  }

  function place(scale, value) {
    const low = flat(scale, scale.low);
    const share = (flat(scale, value) - low) / (flat(scale, scale.high) - low);
    return scale.start + Math.min(Math.max(share, -1), 2) * (scale.end - scale.start);
  }

  function drawable(scale, value) {
    return Number.isFinite(value) && (scale.kind !== "log" || value > 0);
  }

  // A scale of the other kind over the values that it can show; null where it can show none.
  function over(scale, kind, values, air) {
    const shown = values.filter((value) => Number.isFinite(value) && (kind !== "log" || value > 0));
    if (!shown.length) return null;
    let low = Math.min(...shown);
    let high = Math.max(...shown);
    if (kind === "log") {
      const ratio = high > low * 1.0001 ? high / low : 10;
      [low, high] = [low / ratio ** air, high * ratio ** air];
    } else {
      const width = high - low || Math.abs(low) * 0.2 || 1;
      [low, high] = [low - width * air, high + width * air];
    }
    return { ...scale, kind, low, high };
  }

  function ticks(scale) {
    return scale.kind === "log" ? logTicks(scale.low, scale.high) : linearTicks(scale.low, scale.high);
  }

  function linearTicks(low, high) {
    const rough = (high - low) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
    const places = [];
    for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i++) places.push(i * step);
    return places;
  }

  function logTicks(low, high) {
    const first = Math.ceil(Math.log10(low) - 1e-9);
    const last = Math.floor(Math.log10(high) + 1e-9);
    const digits = last - first >= 2 ? [1] : last - first >= 1 ? [1, 3] : [1, 2, 3, 5, 7];
    const stride = Math.max(1, Math.ceil((last - first + 1) / 6));
    const places = [];
    for (let decade = first - 1; decade <= last + 1; decade++) {
      if (digits.length === 1 && (decade - first) % stride) continue;
      for (const digit of digits) {
        const tick = digit * 10 ** decade;
        if (tick >= low * 0.999 && tick <= high * 1.001) places.push(tick);
      }
    }
    return places.length > 1 ? places : linearTicks(low, high).filter((tick) => tick > 0);
  }

  const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

  function number(value, digits) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    if (value === 0) return "0";
    const size = Math.floor(Math.log10(Math.abs(value)));
    let text = String(Number(value.toPrecision(digits)));
    if (size < -4 || size >= 6) {
      const [mantissa, power] = value.toExponential(digits - 1).split("e");
      const raised = Array.from(String(Number(power)), (sign) => RAISED[sign]).join("");
      const leading = Number(mantissa);
      text = (leading === 1 ? "" : leading === -1 ? "-" : leading + "×") + "10" + raised;
    }
    return text.replaceAll("-", "−");
  }

  return { parse, place, drawable, over, ticks, number };
})();
