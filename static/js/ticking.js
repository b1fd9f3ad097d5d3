// Countdowns that cannot lie: they follow the server's clock, count only where the server said the clock runs through
// (data-due), and are counted anew when the page wakes up. Nothing is announced: a reader asks, the words are right.
(function () {
  "use strict";
  const meta = document.querySelector('meta[name="server-time"]');
  const patterns = JSON.parse(document.querySelector('meta[name="countdown-words"]')?.content || "null");
  if (!meta || !patterns) return;

  // performance.now() does not jump when somebody sets the device's clock; Date would.
  let serverAtStart = Date.parse(meta.content) - performance.now();

  function now() {
    return serverAtStart + performance.now();
  }

  function words(milliseconds) {
    const minutes = Math.floor(Math.abs(milliseconds) / 60000);
    if (minutes < 1) return patterns.under;
    if (minutes < 60) return patterns.minutes.replace("0", String(minutes));
    const rest = String(minutes % 60).padStart(2, "0");
    return patterns.hours.replace("00", "#").replace("0", String(Math.floor(minutes / 60))).replace("#", rest);
  }

  function tick() {
    document.querySelectorAll(".clock[data-due]").forEach(function (clock) {
      const left = Date.parse(clock.dataset.due) - now();
      const label = clock.querySelector("[data-countdown]");
      if (!label || Math.abs(left) >= 86400000) return;
      const text = left < 0 ? patterns.late.replace("{}", words(left)) : words(left);
      if (label.textContent !== text) label.textContent = text;
      empty(clock, left);
    });
  }

  function empty(clock, left) {
    const bar = clock.querySelector("rect");
    const share = Number(clock.dataset.share);
    const whole = Number(clock.dataset.left) * 1000;
    if (left < 0) {
      clock.classList.remove("attention", "calm");
      clock.classList.add("late");
    } else if (bar && whole > 0) {
      const width = Math.round((share * Math.min(left, whole)) / whole);
      bar.setAttribute("width", String(Math.max(width, 1)));
      if (width <= 25 && clock.classList.replace("calm", "attention")) return;
    }
  }

  // A laptop that slept has a stale idea of time; the next answer of the server carries the right one in its Date header.
  document.addEventListener("htmx:afterRequest", function (event) {
    const date = event.detail.xhr?.getResponseHeader("Date");
    if (!date) return;
    const drift = Date.parse(date) - now();
    if (Math.abs(drift) > 2000 && Math.abs(drift) < 43200000) serverAtStart += drift;
  });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) tick();
  });
  document.addEventListener("htmx:afterSettle", tick);
  setInterval(function () {
    if (!document.hidden) tick();
  }, 5000);
  tick();
})();
