// While somebody writes to a customer: how many words it has, and which of them not everybody there knows. It points
// out and never holds back; what may be said how is the policy's (data-words-most, data-instead), as the server has it.
(function () {
  "use strict";

  function fill(pattern, values) {
    return pattern.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  // As in incidents/plain.py: names and acronyms as they are written, other words in any case.
  function jargonIn(line, instead) {
    const words = line.match(/[\p{L}\p{N}_]+/gu) || [];
    return words.map(function (word) {
      return Object.hasOwn(instead, word) ? word : word.toLowerCase();
    }).filter(function (word) { return Object.hasOwn(instead, word); });
  }

  function found(text, style) {
    const instead = JSON.parse(style.dataset.instead || "{}");
    const lines = text.split("\n").map(function (line) { return jargonIn(line, instead); });
    const technical = lines.filter(function (words) { return words.length; }).length;
    if (technical <= Number(style.dataset.linesOfJargon)) return [];
    return Array.from(new Set(lines.flat())).map(function (word) { return "“" + word + "” (" + instead[word] + ")"; });
  }

  function look(style) {
    const boxes = Array.from(style.closest("form").querySelectorAll("textarea:not([data-uncounted])"));
    const text = boxes.map(function (box) { return box.value; }).join("\n");
    const n = text.split(/\s+/).filter(Boolean).length;
    const most = Number(style.dataset.wordsMost);
    const count = style.querySelector("[data-words-count]");
    count.hidden = n === 0;
    count.classList.toggle("over", n > most);
    count.textContent = fill(n > most ? style.dataset.tooLong : style.dataset.count, { n: n, most: most });
    const words = found(text, style);
    const jargon = style.querySelector("[data-words-jargon]");
    jargon.hidden = words.length === 0;
    const said = words.length ? style.dataset.jargon + " " + words.join(", ") : "";
    if (jargon.textContent !== said) jargon.textContent = said;  // read aloud once, not with each letter
  }

  function lookAll() {
    document.querySelectorAll("[data-words-most]").forEach(look);
  }

  document.addEventListener("input", function (event) {
    const style = event.target.form?.querySelector("[data-words-most]");
    if (style) look(style);
  });
  document.addEventListener("htmx:afterSettle", lookAll);
  lookAll();
})();
