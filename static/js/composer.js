// Writing: Ctrl+Enter sends; with data-draft="key" on a form its words are kept in this tab until they were sent, so that
// a lost session or connection loses nothing.
(function () {
  "use strict";

  function keyOf(form) {
    return "draft:" + form.dataset.draft;
  }

  function kept(form) {
    return Array.from(form.elements).filter(function (control) {
      return control.name && control.matches("textarea, input[type=text], input:not([type])");
    });
  }

  function keep(form) {
    const words = {};
    kept(form).forEach(function (control) {
      if (control.value !== control.defaultValue) words[control.name] = control.value;
    });
    try {
      if (Object.keys(words).length) sessionStorage.setItem(keyOf(form), JSON.stringify(words));
      else sessionStorage.removeItem(keyOf(form));
    } catch { /* a full or forbidden store: the form itself still holds the words */ }
  }

  function send(form) {
    keep(form);
    try {
      sessionStorage.setItem("draft-sent", keyOf(form));
    } catch { /* likewise */ }
  }

  function restore(form) {
    if (form.dataset.draftRestored) return;
    form.dataset.draftRestored = "yes";
    let words = {};
    try {
      words = JSON.parse(sessionStorage.getItem(keyOf(form)) || "{}");
    } catch { return; }
    kept(form).forEach(function (control) {
      if (!words[control.name] || control.value !== control.defaultValue) return;
      control.value = words[control.name];
      const folded = control.closest("details");  // words that came back are seen to be there
      if (folded) folded.open = true;
    });
  }

  // A page that thanks for what was sent: the words that were sent off last are done.
  function forgetSent() {
    try {
      const key = sessionStorage.getItem("draft-sent");
      sessionStorage.removeItem("draft-sent");
      if (key && document.querySelector(".message.success")) sessionStorage.removeItem(key);
    } catch { /* where nothing can be kept, nothing has to be forgotten */ }
  }

  function restoreAll() {
    document.querySelectorAll("form[data-draft]").forEach(restore);
    // A page that says "it arrived" names the draft that is done: it is forgotten only now, not when it was sent off.
    document.querySelectorAll("[data-draft-done]").forEach(function (mark) {
      sessionStorage.removeItem("draft:" + mark.dataset.draftDone);
    });
  }

  document.addEventListener("input", function (event) {
    const form = event.target.form;
    if (form?.dataset.draft) keep(form);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea")) return;
    event.preventDefault();
    event.target.form?.requestSubmit();
  });
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.dataset.draft && !form.matches("[hx-post]")) send(form);
    if (form.dataset.sending && !form.matches("[hx-post]")) return event.preventDefault();
    form.dataset.sending = "yes";
    setTimeout(function () { delete form.dataset.sending; }, 4000);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    const form = event.detail.elt;  // sent itself: a preview asked for from within it sends nothing
    if (form?.matches?.("form[data-draft]") && event.detail.successful && event.detail.requestConfig.verb === "post") {
      sessionStorage.removeItem(keyOf(form));
    }
  });
  document.addEventListener("htmx:afterSettle", restoreAll);
  forgetSent();
  restoreAll();
})();
