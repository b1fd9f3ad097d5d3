// Shows the name of the chosen file on the button it was chosen with.
document.addEventListener("change", function (event) {
  const place = event.target.closest("[data-upload]")?.querySelector("[data-upload-name]");
  if (!place) return;
  place.dataset.label = place.dataset.label || place.textContent;
  const names = Array.from(event.target.files || [], function (file) { return file.name; });
  place.textContent = names.join(", ") || place.dataset.label;
});
