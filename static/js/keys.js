// Keyboard shortcuts of the desk: j and k walk over [data-row], a letter presses the control with that data-key, ? helps.
// Off while somebody types, and off for good on a device where the switch in the help says so (WCAG 2.1.4).
(function () {
  "use strict";
  const STORE = "evenkeel-shortcuts";

  function isOn() {
    return localStorage.getItem(STORE) !== "off";
  }

  function isTyping(target) {
    return target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  }

  function rows() {
    return Array.from(document.querySelectorAll("[data-row]"));
  }

  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const here = all.findIndex(function (row) { return row.contains(document.activeElement); });
    const marked = all.findIndex(function (row) { return row.matches("[aria-current]") || row.querySelector("[aria-current]"); });
    const from = here >= 0 ? here : marked;
    const next = all[Math.min(Math.max(from + step, 0), all.length - 1)];
    const target = next.matches("a, button") ? next : next.querySelector("a, button");
    target?.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function press(key) {
    const control = Array.from(document.querySelectorAll('[data-key="' + CSS.escape(key) + '"]')).find(function (found) {
      return found.offsetParent !== null && found.getAttribute("aria-disabled") !== "true";
    });
    if (!control) return false;
    if (control.matches("textarea, input")) control.focus();
    else control.click();
    return true;
  }

  function help() {
    const dialog = document.getElementById("shortcuts");
    const box = dialog?.querySelector("[data-shortcuts-switch]");
    if (!dialog || dialog.open) return;
    if (box) box.checked = isOn();
    dialog.showModal();
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-shortcuts-switch]")) localStorage.setItem(STORE, event.target.checked ? "on" : "off");
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-shortcuts-help]")) help();
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    if (!isOn() || document.querySelector("dialog[open]")) return;
    if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (event.key === "?") help();
    else if (!(event.key.length === 1 && press(event.key))) return;
    event.preventDefault();
  });
})();
