// The queue keeps its place: whoever comes back to a list finds it where they left it.
(function () {
  "use strict";
  const STORE = "queue-place";

  function place() {
    try { return JSON.parse(sessionStorage.getItem(STORE)) || {}; } catch { return {}; }
  }

  function restore() {
    const list = document.querySelector("[data-keeps-scroll]");
    if (!list) return;
    if (place().view === list.dataset.keepsScroll) list.scrollTop = place().top;
    list.addEventListener("scroll", function () {
      try {
        sessionStorage.setItem(STORE, JSON.stringify({ view: list.dataset.keepsScroll, top: list.scrollTop }));
      } catch { /* a full or forbidden store: then the list begins at its top */ }
    }, { passive: true });
  }

  document.addEventListener("htmx:historyRestore", restore);
  restore();
})();
