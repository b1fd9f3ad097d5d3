// Shows the name of the chosen file on the button it was chosen with. What is too large is said at once, before it is
// sent: a server that stops reading in the middle could not say it.
document.addEventListener("change", function (event) {
  const upload = event.target.closest("[data-upload]");
  const place = upload?.querySelector("[data-upload-name]");
  if (!place) return;
  place.dataset.label = place.dataset.label || place.textContent;
  const files = Array.from(event.target.files || []);
  const most = Number(upload.dataset.most);
  const large = most && files.find(function (file) { return file.size > most; });
  const words = upload.parentElement.querySelector("[data-upload-large]");
  if (words) {
    words.hidden = !large;
    words.textContent = large ? large.name + ": " + words.dataset.uploadLarge : "";
  }
  if (large) event.target.value = "";
  place.textContent = large ? place.dataset.label : files.map(function (file) { return file.name; }).join(", ") || place.dataset.label;
});
