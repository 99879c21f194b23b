// Colours a checker's source, which stands in the page as plain text: spans would be a third of its weight.
(function () {
  "use strict";
  const words = (text) => `\\b(?:${text.replaceAll(" ", "|")})\\b`;
  // Pygments' short names of what is coloured, and how it is told; the first that fits counts.
  const KINDS = {
    sd: '[rbfu]*(?:"""[^]*?"""|\'\'\'[^]*?\'\'\')',
    s2: '[rbfu]{0,2}(?:"(?:\\\\.|[^"\\\\\\n])*"|\'(?:\\\\.|[^\'\\\\\\n])*\')',
    c1: "#[^\\n]*",
    nd: "^[ \\t]*@[\\w.]+",
    nf: "(?<=\\b(?:def|class) +)\\w+",
    kc: words("None True False"),
    k: words("and as assert async await break case class continue def del elif else except finally for from global if " +
      "import in is lambda match nonlocal not or pass raise return try while with yield"),
    nb: words("abs all any bool dict enumerate filter float int isinstance iter len list map max min next print range " +
      "reversed round set sorted str sum super tuple type zip"),
    mi: "\\b(?:0[xob][\\da-fA-F_]+|\\d[\\d_]*(?:\\.\\d*)?(?:e[-+]?\\d+)?)",
  };
  const PIECE = new RegExp(Object.entries(KINDS).map(([kind, told]) => `(?<${kind}>${told})`).join("|"), "gm");

  for (const block of document.querySelectorAll(".lb-source pre > code")) {
    const source = block.textContent;
    const pieces = [];
    let done = 0;
    for (const found of source.matchAll(PIECE)) {
      const [kind] = Object.entries(found.groups).find(([, text]) => text !== undefined);
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = found[0];
      pieces.push(source.slice(done, found.index), span);
      done = found.index + found[0].length;
    }
    block.replaceChildren(...pieces, source.slice(done));
  }
})();
