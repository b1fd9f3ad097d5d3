// The page itself: menus that close, light or dark, where the focus goes after a swap, a word when the server is away.
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    const filler = event.target.closest("[data-fill]");
    if (filler) fill(filler);
    const choice = event.target.closest("[data-theme]");
    if (choice) chooseTheme(choice.dataset.theme);
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // data-fill='{"id_login": "a@example.org"}' fills in a form, for the demo log-ins.
  function fill(button) {
    const values = JSON.parse(button.dataset.fill);
    for (const id in values) {
      const control = document.getElementById(id);
      if (control) control.value = values[id];
    }
    document.getElementById(button.dataset.fillThen)?.focus();
  }

  function chosenTheme() {
    return /(?:^|; )theme=(light|dark)/.exec(document.cookie)?.[1] || "auto";
  }

  function chooseTheme(theme) {
    const age = theme === "auto" ? 0 : 31536000;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = "theme=" + theme + "; path=/; max-age=" + age + "; samesite=lax" + secure;
    if (theme === "auto") document.documentElement.removeAttribute("data-bs-theme");
    else document.documentElement.setAttribute("data-bs-theme", theme);
    showTheme();
  }

  function showTheme() {
    document.querySelectorAll("[data-themes]").forEach(function (group) {
      group.hidden = false;
      group.querySelectorAll("[data-theme]").forEach(function (button) {
        button.setAttribute("aria-pressed", String(button.dataset.theme === chosenTheme()));
      });
    });
  }
  showTheme();

  // After an answer with errors the first wrong field has the focus, as after a full page load it would be read first.
  document.addEventListener("htmx:afterSettle", function (event) {
    const wrong = event.detail?.elt?.querySelector?.('[aria-invalid="true"], [role="alert"]');
    if (!wrong) return;
    if (wrong.matches('[role="alert"]')) wrong.tabIndex = -1;
    wrong.focus();
  });

  // A request that did not arrive says so; what was typed stays in its form.
  function sayTrouble(event) {
    if (event.detail?.elt?.closest?.("[data-poll-seconds]") === event.detail.elt) return;
    const messages = document.getElementById("messages");
    const words = document.querySelector('meta[name="trouble-words"]');
    if (!messages || !words) return;
    const message = document.createElement("div");
    message.className = "message error";
    message.textContent = event.detail?.xhr?.status === 401 ? event.detail.xhr.responseText : words.content;
    messages.replaceChildren(message);
  }
  document.addEventListener("htmx:sendError", sayTrouble);
  document.addEventListener("htmx:responseError", sayTrouble);
})();
