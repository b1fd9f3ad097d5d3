// Fires `poll` on elements with data-poll-seconds while the page is looked at; hx-trigger="poll" does the rest.
// A little jitter keeps two hundred desks from asking in the same instant.
(function () {
  "use strict";
  const due = new WeakMap();

  function later(element) {
    const seconds = Math.max(Number(element.dataset.pollSeconds) || 10, 2);
    due.set(element, performance.now() + seconds * 1000 * (0.85 + Math.random() * 0.3));
  }

  function look() {
    if (document.hidden) return;
    document.querySelectorAll("[data-poll-seconds]").forEach(function (element) {
      if (!due.has(element)) return later(element);
      if (performance.now() < due.get(element)) return;
      later(element);
      element.dispatchEvent(new CustomEvent("poll", { bubbles: false }));
    });
  }

  // What others did is fetched later where somebody is just writing: nothing moves under the hands.
  document.addEventListener("htmx:beforeRequest", function (event) {
    const element = event.detail.elt, writes = document.activeElement;
    const asked = event.detail.requestConfig?.triggeringEvent?.type;  // nothing: because time has passed
    if (asked && asked !== "room-changed") return;
    if (element.contains(writes) && writes.matches("input, textarea, select")) event.preventDefault();
  });

  setInterval(look, 500);
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) return;
    document.querySelectorAll("[data-poll-seconds]").forEach(function (element) {
      due.set(element, 0);
    });
    look();
  });
  look();
})();
