// The row that was asked for is in sight and has the focus.
const found = document.querySelector("tr.found");
if (found) {
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
}
